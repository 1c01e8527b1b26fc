import type { MqttEndpoint } from './adapters/mqtt/mqtt-endpoint.js';
import type { MetricsServer } from './adapters/prometheus/metrics-server.js';
import type { Listener } from './adapters/transport/listener.js';
import type { Broker } from './application/broker.js';
import type { Clock } from './application/ports/clock.js';
import type { Logger } from './application/ports/logger.js';
import type { Storage } from './application/ports/storage.js';
import type { RestoreState } from './application/restore-state.js';

/** What a server is made of. */
export interface ServerParts {
  readonly broker: Broker;
  readonly endpoint: MqttEndpoint;
  readonly listeners: readonly Listener[];
  readonly storage: Storage;
  readonly restoreState: RestoreState;
  readonly metrics: MetricsServer | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
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

  /** For the operator: where the data is. */
  get dataDescription(): string {
    return this.parts.storage.description;
  }

  /**
   * Brings back the state of the last run, then lets clients in.
   * @returns the addresses that are listened on.
   * @throws Error that says what to do, when an address can't be had; nothing is left running then.
   */
  async start(): Promise<string[]> {
    const { broker, clock, listeners, logger, metrics, restoreState } = this.parts;
    try {
      const restored = await restoreState.restore();
      if (restored.sessions + restored.retainedMessages > 0) logger.info('state restored', { ...restored });
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

  /** Resolves with the reason when the broker must not go on: another one has taken its data over. */
  superseded(): Promise<Error> {
    return new Promise((resolve) => this.parts.storage.onSuperseded(resolve));
  }

  /**
   * Stops taking connections, sends what is on its way, makes durable what waits, closes everything.
   * @param graceMs Milliseconds that peers and the database have.
   */
  async stop(graceMs: number): Promise<void> {
    const { broker, endpoint, listeners, metrics, storage } = this.parts;
    for (const listener of listeners) listener.stop();
    this.stopExpiry?.();
    broker.refuseClients();
    endpoint.closeAll();
    const deadline = performance.now() + graceMs;
    while (endpoint.connectionCount > 0 && performance.now() < deadline) await pause(DRAIN_INTERVAL_MS);
    endpoint.stop();
    await storage.stop(graceMs);
    await metrics?.stop();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
