import { Container } from 'inversify';

import type { Config } from '../adapters/config/config.js';
import { MqttEndpoint } from '../adapters/mqtt/mqtt-endpoint.js';
import { brokerRegistry } from '../adapters/prometheus/broker-metrics.js';
import { MetricsServer } from '../adapters/prometheus/metrics-server.js';
import type { ListenerCertificates } from '../adapters/transport/listener-certificates.js';
import { BrokerRun } from '../application/broker-run.js';
import { Broker } from '../application/broker.js';
import { MemoryWatch } from '../application/memory-watch.js';
import type { ClientTraces } from '../application/ports/client-traces.js';
import type { Clock } from '../application/ports/clock.js';
import type { Logs } from '../application/ports/log-levels.js';
import type { Logger } from '../application/ports/logger.js';
import type { MisbehaviourLog } from '../application/ports/misbehaviour-log.js';
import type { Storage } from '../application/ports/storage.js';
import type { ReloadAccess } from '../application/reload-access.js';
import { Reload } from '../application/reload.js';
import { RestoreState } from '../application/restore-state.js';
import type { ClientAuthentication } from '../client-authentication.js';
import type { AuditKeeping } from '../audit-keeping.js';
import { Server } from '../server.js';
import { makeListeners } from './listeners.js';
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
      config: Config,
      broker: Broker,
      endpoint: MqttEndpoint,
      certificates: ListenerCertificates,
      reload: Reload,
      reloadAccess: ReloadAccess,
      storage: Storage,
      restoreState: RestoreState,
      run: BrokerRun,
      clientAuthentication: ClientAuthentication,
      { keeping }: { readonly keeping: AuditKeeping | undefined },
      traces: ClientTraces,
      memory: MemoryWatch,
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
        listeners: makeListeners(config, certificates, endpoint),
        metrics: config.metrics.enabled
          ? new MetricsServer(brokerRegistry(broker, storage, memory), storage.health, config.metrics)
          : undefined,
      }),
    [
      ...[T.config, Own.broker, Own.endpoint, Own.certificates, Own.reload, Own.reloadAccess],
      ...[T.storage, Own.restoreState, Own.run, Own.clientAuthentication, Own.keeping, T.traces],
      ...[Own.memory, T.clock, T.logger],
    ] as const,
  );
}
