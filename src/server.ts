import type { Broker } from './application/broker.js';
import type { Clock } from './application/ports/clock.js';
import type { MqttEndpoint } from './adapters/mqtt/mqtt-endpoint.js';
import type { MetricsServer } from './adapters/prometheus/metrics-server.js';
import type { TcpListener } from './adapters/transport/tcp-listener.js';

/** What a server is made of. */
export interface ServerParts {
  readonly broker: Broker;
  readonly endpoint: MqttEndpoint;
  readonly listeners: readonly TcpListener[];
  readonly metrics: MetricsServer | undefined;
  readonly clock: Clock;
}

/** How often sessions are looked at for their expiry, in milliseconds. */
const EXPIRY_INTERVAL_MS = 10_000;
/** How often a stop looks whether all connections have ended, in milliseconds. */
const DRAIN_INTERVAL_MS = 10;

/** The running broker: starts and stops its parts in order. */
export class Server {
  private stopExpiry: (() => void) | undefined;

  constructor(private readonly parts: ServerParts) {}

  /** The port of the first listener. */
  get port(): number {
    const [first] = this.parts.listeners;
    return first === undefined ? 0 : first.port;
  }

  /**
   * @returns the addresses that are listened on.
   * @throws Error that says what to do, when an address can't be had; nothing is left running then.
   */
  async start(): Promise<string[]> {
    const { broker, clock, listeners, metrics } = this.parts;
    try {
      await metrics?.start();
      const addresses = [];
      for (const listener of listeners) addresses.push(await listener.start());
      this.stopExpiry = clock.every(EXPIRY_INTERVAL_MS, () => broker.expireSessions(clock.nowMs()));
      return addresses;
    } catch (error) {
      await this.stop(0);
      throw error;
    }
  }

  /**
   * Stops taking connections, sends what is on its way, closes everything.
   * @param graceMs Milliseconds that peers have to take what they are sent.
   */
  async stop(graceMs: number): Promise<void> {
    const { broker, endpoint, listeners, metrics } = this.parts;
    for (const listener of listeners) listener.stop();
    this.stopExpiry?.();
    broker.stop();
    const deadline = performance.now() + graceMs;
    while (endpoint.connectionCount > 0 && performance.now() < deadline) await pause(DRAIN_INTERVAL_MS);
    endpoint.stop();
    await metrics?.stop();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
