import { Container } from 'inversify';

import type { Config } from '../adapters/config/config.js';
import { AdminServer } from '../adapters/http/admin-server.js';
import { MqttEndpoint } from '../adapters/mqtt/mqtt-endpoint.js';
import type { SocketListeners } from '../adapters/transport/socket-listeners.js';
import { BrokerRun } from '../application/broker-run.js';
import { Broker } from '../application/broker.js';
import { MemoryWatch } from '../application/memory-watch.js';
import type { ClientTraces } from '../application/ports/client-traces.js';
import type { Clock } from '../application/ports/clock.js';
import type { Logs } from '../application/ports/log-levels.js';
import type { Logger } from '../application/ports/logger.js';
import type { MisbehaviourLog } from '../application/ports/misbehaviour-log.js';
import type { Reloadable } from '../application/ports/reloadable.js';
import type { Storage } from '../application/ports/storage.js';
import type { ReloadAccess } from '../application/reload-access.js';
import { Reload } from '../application/reload.js';
import { RestoreState } from '../application/restore-state.js';
import type { ClientAuthentication } from '../client-authentication.js';
import type { AuditKeeping } from '../audit-keeping.js';
import { Monitoring } from '../monitoring.js';
import type { ReplaceableServer } from '../replaceable-server.js';
import { Server } from '../server.js';
import { Own, T } from './tokens.js';

/** Binds the server: the broker, and all that it listens on. */
export function bindServer(container: Container): void {
  container.bind(Own.endpoint).toResolvedValue(
    (
      broker: Broker,
      clock: Clock,
      logs: Logs,
      misbehaviour: MisbehaviourLog,
      memory: MemoryWatch,
      { limits }: Config,
      traces: ClientTraces,
    ) => {
      const logger = logs.component('connections');
      return new MqttEndpoint({ broker, clock, logger, misbehaviour, memory, limits, traces });
    },
    [Own.broker, T.clock, T.logs, Own.misbehaviour, Own.memory, T.config, T.traces],
  );
  container.bind(T.server).toResolvedValue(
    (
      broker: Broker,
      endpoint: MqttEndpoint,
      listeners: SocketListeners,
      reload: Reload,
      reloadables: Reloadable[],
      reloadAccess: ReloadAccess,
      admin: ReplaceableServer<AdminServer>,
      storage: Storage,
      restoreState: RestoreState,
      run: BrokerRun,
      clientAuthentication: ClientAuthentication,
      { keeping }: { readonly keeping: AuditKeeping | undefined },
      monitoring: Monitoring,
      traces: ClientTraces,
      clock: Clock,
      logger: Logger,
    ) =>
      new Server({
        broker,
        endpoint,
        storage,
        reloadAccess,
        restoreState,
        run,
        clientAuthentication,
        keeping,
        traces,
        clock,
        logger,
        reload,
        reloadables,
        admin,
        listeners,
        monitoring,
      }),
    [
      ...[Own.broker, Own.endpoint, Own.listeners, Own.reload],
      { serviceIdentifier: Own.reloadable, isMultiple: true },
      ...[Own.reloadAccess, Own.admin],
      ...[T.storage, Own.restoreState, Own.run, Own.clientAuthentication, Own.keeping],
      ...[Own.monitoring, T.traces, T.clock, T.logger],
    ] as const,
  );
}
