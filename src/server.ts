import type { ClientAuthentication } from './client-authentication.js';
import type { MqttEndpoint } from './adapters/mqtt/mqtt-endpoint.js';
import type { SocketListeners } from './adapters/transport/socket-listeners.js';
import { watchFiles } from './adapters/files/file-watch.js';
import type { ReloadAccess } from './application/reload-access.js';
import type { Broker } from './application/broker.js';
import type { BrokerRun } from './application/broker-run.js';
import type { ClientTraces } from './application/ports/client-traces.js';
import type { Clock } from './application/ports/clock.js';
import type { Logger } from './application/ports/logger.js';
import type { Reloadable } from './application/ports/reloadable.js';
import type { Storage } from './application/ports/storage.js';
import type { Reload } from './application/reload.js';
import type { RestoreState } from './application/restore-state.js';
import type { AuditKeeping } from './audit-keeping.js';
import type { Monitoring } from './monitoring.js';
import type { AddressServer } from './replaceable-server.js';

/** What a server is made of. */
export interface ServerParts {
  readonly broker: Broker;
  readonly endpoint: MqttEndpoint;
  readonly listeners: Pick<SocketListeners, 'start' | 'stop' | 'port'>;
  readonly storage: Storage;
  readonly reloadAccess: ReloadAccess;
  readonly restoreState: RestoreState;
  readonly run: BrokerRun;
  readonly clientAuthentication: ClientAuthentication;
  readonly reload: Reload;
  /** All that is read anew, the configuration first. */
  readonly reloadables: readonly Reloadable[];
  /** Undefined where there is no audit trail. */
  readonly keeping: AuditKeeping | undefined;
  readonly admin: AddressServer;
  readonly monitoring: Monitoring;
  readonly traces: ClientTraces;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often sessions are looked at for their expiry, in milliseconds. */
const EXPIRY_INTERVAL_MS = 10_000;
/** How often connections are looked at for the end of what proves their identity, in milliseconds. */
const CREDENTIALS_INTERVAL_MS = 1000;
/** How often a stop looks whether all connections have ended, in milliseconds. */
const DRAIN_INTERVAL_MS = 10;
/** What a start that fails gives the database, so that the trail tells of its end. Milliseconds. */
const FAILED_START_GRACE_MS = 2000;

/** The running broker: starts and stops its parts in order. */
export class Server {
  private readonly stopTicks: (() => void)[] = [];
  private stopWatching: (() => void)[] = [];

  constructor(private readonly parts: ServerParts) {}

  /** The port of the first listener. */
  get port(): number {
    return this.parts.listeners.port;
  }

  /** For the operator: where the data is, and whether there is an audit trail. */
  get dataDescription(): string {
    const { description, trail } = this.parts.storage;
    return `${description}, ${trail.isWritten ? 'audit trail on' : 'NO AUDIT TRAIL'}`;
  }

  /**
   * Brings back the state of the last run, then lets clients in.
   * @param beforeClients What is to be done when all else is done: nobody waits for anything yet.
   * @returns the addresses that are listened on.
   * @throws Error that says what to do, when access rules can't be read or an address can't be had; nothing is left running then.
   */
  async start(beforeClients?: () => void): Promise<readonly string[]> {
    const { admin, clientAuthentication, broker, clock, keeping, listeners, logger } = this.parts;
    const { monitoring, reload, reloadables, reloadAccess, restoreState, run } = this.parts;
    try {
      await monitoring.start();
      await reloadAccess.readFirst();
      keeping?.checkpoints.start();
      await run.begin();
      this.stopWatching = reloadables.map((reloadable) =>
        watchFiles(
          () => reloadable.files,
          () => void reload.reload(reloadable, 'file_changed'),
        ),
      );
      reloadAccess.onChange(() => void reload.reload(reloadAccess, 'table_changed'));
      const restored = await restoreState.restore();
      run.restored(restored);
      keeping?.retention.start();
      keeping?.clockWatch.start();
      if (restored.sessions + restored.retainedMessages > 0) logger.info('state restored', { ...restored });
      await clientAuthentication.start();
      await admin.start();
      beforeClients?.();
      const addresses = await listeners.start();
      this.stopTicks.push(
        clock.every(EXPIRY_INTERVAL_MS, () => broker.expireSessions(clock.nowMs())),
        clock.every(CREDENTIALS_INTERVAL_MS, () => broker.expireCredentials(clock.nowMs())),
      );
      monitoring.serving();
      return addresses;
    } catch (error) {
      await this.stop(FAILED_START_GRACE_MS);
      throw error;
    }
  }

  /** Reads anew what the operator may have changed: certificates, and whatever else comes from files. */
  reload(): Promise<void> {
    return this.parts.reload.reloadAll(this.parts.reloadables, 'signal');
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
    const { admin, clientAuthentication, broker, endpoint, keeping, listeners, monitoring } = this.parts;
    const { reload, run, storage, traces } = this.parts;
    // Else it could open what is closed here.
    await withinGrace(reload.stop(), graceMs);
    await admin.stop();
    monitoring.stopping();
    listeners.stop();
    for (const stop of [...this.stopTicks, ...this.stopWatching]) stop();
    broker.refuseClients();
    endpoint.closeAll();
    const deadline = performance.now() + graceMs;
    while (endpoint.connectionCount > 0 && performance.now() < deadline) await pause(DRAIN_INTERVAL_MS);
    endpoint.stop();
    await withinGrace(clientAuthentication.stop(), graceMs);
    keeping?.clockWatch.stop();
    await withinGrace(keeping?.retention.stop(), graceMs);
    run.end();
    await storage.stop(graceMs);
    await withinGrace(keeping?.checkpoints.stop(), graceMs);
    traces.stopAll();
    await monitoring.stop();
  }
}

/** Waits for something that may wait for a database or a disk that is away. */
async function withinGrace(done: Promise<void> | undefined, graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)));
  await Promise.race([done, late]);
  clearTimeout(timer);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
