import { Container } from 'inversify';

import type { Config } from '../adapters/config/config.js';
import { MqttEndpoint } from '../adapters/mqtt/mqtt-endpoint.js';
import { BrokerRun } from '../application/broker-run.js';
import { Broker } from '../application/broker.js';
import type { Clock } from '../application/ports/clock.js';
import type { Logger } from '../application/ports/logger.js';
import type { MisbehaviourLog } from '../application/ports/misbehaviour-log.js';
import type { Storage } from '../application/ports/storage.js';
import { RestoreState } from '../application/restore-state.js';
import type { AuditKeeping } from '../audit-keeping.js';
import { Monitoring } from '../monitoring.js';
import { Server } from '../server.js';
import { makeListener } from './listeners.js';
import { Own, T } from './tokens.js';

/** Binds the server: the broker, and all that it listens on. */
export function bindServer(container: Container): void {
  container
    .bind(Own.endpoint)
    .toResolvedValue(
      (broker: Broker, clock: Clock, logger: Logger, misbehaviour: MisbehaviourLog, { limits }: Config) =>
        new MqttEndpoint({ broker, clock, logger, misbehaviour, limits }),
      [Own.broker, T.clock, T.logger, Own.misbehaviour, T.config],
    );
  container.bind(T.server).toResolvedValue(
    (
      { limits, listeners }: Config,
      broker: Broker,
      endpoint: MqttEndpoint,
      storage: Storage,
      restoreState: RestoreState,
      run: BrokerRun,
      { keeping }: { readonly keeping: AuditKeeping | undefined },
      monitoring: Monitoring,
      clock: Clock,
      logger: Logger,
    ) =>
      new Server({
        broker,
        endpoint,
        storage,
        restoreState,
        run,
        keeping,
        clock,
        logger,
        listeners: listeners.map((listener) => makeListener(listener, limits, endpoint)),
        monitoring,
      }),
    [
      ...[T.config, Own.broker, Own.endpoint, T.storage, Own.restoreState, Own.run],
      ...[Own.keeping, Own.monitoring, T.clock, T.logger],
    ] as const,
  );
}
