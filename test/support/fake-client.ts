import { FairShare } from '../../src/adapters/mqtt/fair-share.js';
import { MqttEndpoint } from '../../src/adapters/mqtt/mqtt-endpoint.js';
import type { MemoryPressure } from '../../src/application/broker.js';
import type { ListenerLimits } from '../../src/application/ports/listener-limits.js';
import { FakeStream } from './fake-stream.js';
import { FakeTraces } from './fake-traces.js';
import { type BrokerOptions, type MadeBroker, makeBroker } from './make-broker.js';
import { connect, type ConnectFields, pingreq, subscribe, type FilterRequest } from './packets.js';
import { frameLength, readServerPacket, type ReceivedPublish, type ServerPacket } from './server-packets.js';
import { silentLogger } from './silent-logger.js';

/** A client at the other end of a fake stream: what it reads is what the network has taken. */
export class FakeClient {
  private unread: Buffer = Buffer.alloc(0);

  constructor(readonly stream: FakeStream) {}

  /** Sends the packets in one chunk, a Buffer as from a socket, and lets the broker finish its turn. */
  async send(...packets: Uint8Array[]): Promise<void> {
    this.stream.receive(Buffer.concat(packets));
    await turn();
  }

  /** All packets that have come since the last call. */
  packets(): ServerPacket[] {
    this.unread = Buffer.concat([this.unread, this.stream.takeSent()]);
    const found: ServerPacket[] = [];
    for (;;) {
      const length = frameLength(this.unread);
      if (length === undefined) return found;
      found.push(readServerPacket(this.unread.subarray(0, length)));
      this.unread = this.unread.subarray(length);
    }
  }

  /** The PUBLISH packets among what has come since the last call. */
  publishes(): ReceivedPublish[] {
    return this.packets().filter((packet) => packet.type === 'publish');
  }

  /** The payloads that have come since the last call. */
  payloads(): string[] {
    return this.publishes().map(({ payload }) => payload);
  }

  /** Subscribes, and throws away what comes with the SUBACK. */
  async subscribe(...requests: FilterRequest[]): Promise<void> {
    await this.send(subscribe(1, ...requests));
    this.packets();
  }

  /** Whether the broker still answers on this connection. */
  async isServed(): Promise<boolean> {
    await this.send(pingreq());
    return this.packets().some(({ type }) => type === 'pingresp');
  }
}

/** A broker whose clients come by fake streams. */
export interface FakeNetwork extends MadeBroker {
  readonly endpoint: MqttEndpoint;
  readonly traces: FakeTraces;
  /** Reasons under which misbehaviour was reported, in order. */
  readonly reports: string[];
  /** Opens a connection and sends nothing; undefined when it is refused. */
  readonly open: (remoteAddress?: string, listenerLimits?: ListenerLimits) => FakeClient | undefined;
  /** Opens a connection and has its CONNECT accepted. */
  readonly connect: (fields?: ConnectFields) => Promise<FakeClient>;
}

let serial = 0;

/** What a test of connections wants other than usual. */
export interface NetworkOptions extends BrokerOptions {
  readonly memory?: MemoryPressure;
  readonly share?: FairShare;
}

export function makeNetwork(options: NetworkOptions = {}): FakeNetwork {
  const made = makeBroker(options);
  const { broker, clock, limits } = made;
  const reports: string[] = [];
  const misbehaviour = { report: (reason: string) => void reports.push(reason) };
  const logger = options.logger ?? silentLogger;
  const traces = new FakeTraces();
  const memory = options.memory ?? { isFull: false, isShort: false, check: () => undefined };
  // Time stands still, so that nobody has to wait for its turn.
  const share = options.share ?? new FairShare(() => 0);
  const endpoint = new MqttEndpoint({ broker, clock, logger, misbehaviour, memory, limits, traces, share });
  const open = (remoteAddress?: string, listenerLimits?: ListenerLimits): FakeClient | undefined => {
    const stream = new FakeStream(remoteAddress);
    const arrival = {
      address: stream.remoteAddress,
      isProxy: false,
      destroy: () => stream.destroy(),
      accepted: () => undefined,
    };
    const admission = endpoint.admit(arrival, {
      ...{ name: 'mqtt://test', anonymousAllowed: true },
      limits: listenerLimits,
    });
    if (admission === undefined) return undefined;
    stream.listen(admission.accept(stream));
    return new FakeClient(stream);
  };
  const connectClient = async (fields: ConnectFields = {}): Promise<FakeClient> => {
    const client = open();
    if (client === undefined) throw new Error('refused at once');
    await client.send(connect({ clientId: `client-${(serial += 1)}`, ...fields }));
    const [first, ...more] = client.packets();
    if (first?.type !== 'connack' || first.returnCode !== 0)
      throw new Error(`no CONNACK 0 but ${JSON.stringify(first)}`);
    if (more.length > 0) throw new Error('packets behind CONNACK: open and send CONNECT instead');
    return client;
  };
  return { ...made, endpoint, reports, traces, open, connect: connectClient };
}

/** Lets promises settle and what is due at the end of a tick happen, a few times over. */
export async function turn(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
