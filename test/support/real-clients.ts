import { describe, test } from '@jest/globals';

/** The delivery levels of MQTT, as numbers on the wire. */
export type Level = 0 | 1 | 2;

/** A message as a client program reports it. */
export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
}

/** Where a broker listens, whichever broker it is. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** How a client connects, and what it subscribes to when it has. */
export interface OpenOptions {
  readonly clientId: string;
  /** The Clean Session flag; true unless said otherwise. */
  readonly clean?: boolean;
  /** Left out, the connection adds no subscription to those its session has. */
  readonly subscribe?: { readonly filter: string; readonly qos: Level };
  readonly will?: {
    readonly topic: string;
    readonly payload: string;
    readonly qos: Level;
    readonly retain: boolean;
  };
}

/** Messages that one connection publishes to one topic, in this order. An empty payload is sent as none. */
export interface PublishOptions {
  readonly topic: string;
  readonly payloads: readonly string[];
  readonly qos: Level;
  readonly retain?: boolean;
}

/** One connection of a real client program. */
export interface ClientConnection {
  /** The flag of CONNACK; undefined when the program doesn't tell. */
  readonly sessionPresent: boolean | undefined;
  readonly received: readonly ReceivedMessage[];
  /** Settles when the connection is gone, whoever ended it; never rejects. */
  readonly ended: Promise<void>;
  /** Stops a program that would reconnect by itself where it stands, until {@link resume}. */
  suspend(): void;
  resume(): void;
  /** Sends DISCONNECT and waits until the connection is gone. */
  leave(): Promise<void>;
  /** Ends it without DISCONNECT, as a crash would. */
  kill(): Promise<void>;
}

/** A client program made by others, which a test drives against a broker. */
export interface RealClient {
  readonly name: string;
  readonly tellsSessionPresent: boolean;
  /** Connects; resolves when the broker has accepted, and has granted the subscription if there is one. */
  open(broker: BrokerAddress, options: OpenOptions): Promise<ClientConnection>;
  /** Connects, publishes, disconnects; resolves when all of it is acknowledged as its QoS asks. */
  publish(broker: BrokerAddress, options: PublishOptions): Promise<void>;
  /** Kills every connection that is still open; for `afterEach`. */
  killAll(): Promise<void>;
}

/** A client that is here, or the reason why it isn't and the command that brings it. */
export type Installed =
  { readonly client: RealClient } | { readonly missing: string; readonly install: string };

/**
 * A `describe` for tests that need a client program. Without the program they are skipped with a line that
 * tells how to install it; in continuous integration (`CI=true`) its absence is a failing test instead.
 */
export function describeWithClient(
  name: string,
  installed: Installed,
  tests: (client: RealClient) => void,
): void {
  if ('client' in installed) {
    describe(name, () => {
      tests(installed.client);
    });
    return;
  }
  const reason = `${installed.missing} is not installed: ${installed.install}`;
  describe(name, () => {
    if (process.env['CI'] === 'true') {
      test('its client program is installed', () => {
        throw new Error(reason);
      });
      return;
    }
    process.stderr.write(`SKIPPED ${name}: ${reason}\n`);
    test.skip(`its client program is installed (${reason})`, () => undefined);
  });
}
