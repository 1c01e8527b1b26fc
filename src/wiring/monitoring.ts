import { randomBytes } from 'node:crypto';
import { getHeapStatistics } from 'node:v8';

import { Container } from 'inversify';

import type { Config } from '../adapters/config/config.js';
import type { MqttEndpoint } from '../adapters/mqtt/mqtt-endpoint.js';
import { SocketRoundTrip } from '../adapters/mqtt/socket-round-trip.js';
import { brokerRegistry } from '../adapters/prometheus/broker-registry.js';
import type { AuditFigures } from '../adapters/prometheus/metric-definition.js';
import { MetricsServer } from '../adapters/prometheus/metrics-server.js';
import { PrivateDoor } from '../adapters/transport/private-door.js';
import { AuthenticationChain } from '../application/authentication/authentication-chain.js';
import { Bans } from '../application/authentication/bans.js';
import { BrokerState } from '../application/broker-state.js';
import { Broker } from '../application/broker.js';
import { Canary } from '../application/canary/canary.js';
import { CANARY_LISTENER, CANARY_TOPICS, CanaryAdmission } from '../application/canary/canary-admission.js';
import { MemoryWatch } from '../application/memory-watch.js';
import type { Clock } from '../application/ports/clock.js';
import type { Logger } from '../application/ports/logger.js';
import type { Storage } from '../application/ports/storage.js';
import { SysTopics } from '../application/sys-topics/sys-topics.js';
import type { AuditKeeping } from '../audit-keeping.js';
import { Monitoring, Readiness } from '../monitoring.js';
import type { ConfigApplier } from '../reloading.js';
import { VERSION } from '../version.js';
import { type CanarySecret, Own, T } from './tokens.js';

const PASSWORD_BYTES = 32;

/** Binds what watches the broker. */
export function bindMonitoring(container: Container): void {
  container
    .bind(Own.canarySecret)
    .toResolvedValue((): CanarySecret => ({ password: randomBytes(PASSWORD_BYTES) }));
  container
    .bind(Own.canaryAdmission)
    .toResolvedValue(({ password }: CanarySecret) => new CanaryAdmission(password), [Own.canarySecret]);
  container.bind(Own.canary).toResolvedValue(
    (config: Config, endpoint: MqttEndpoint, secret: CanarySecret, clock: Clock, logger: Logger) => ({
      canary: makeCanary(config, endpoint, secret, { clock, logger }),
    }),
    [T.config, Own.endpoint, Own.canarySecret, T.clock, T.logger],
  );
  container.bind(Own.sysTopics).toResolvedValue(
    ({ sysTopics: settings }: Config, state: BrokerState, clock: Clock) => {
      const heapBytes = (): number => getHeapStatistics().used_heap_size;
      return new SysTopics({ state, clock, version: VERSION, heapBytes, settings });
    },
    [T.config, Own.state, T.clock],
  );
  container.bind(Own.configApplier).toResolvedValue(
    (sysTopics: SysTopics): ConfigApplier => ({
      keys: ['sysTopics'],
      apply: () => sysTopics.intervalChanged(),
    }),
    [Own.sysTopics],
  );
  container.bind(Own.configApplier).toResolvedValue(
    ({ canary }: { readonly canary: Canary | undefined }): ConfigApplier => ({
      keys: ['health.canary'],
      apply: () => canary?.settingsChanged(),
    }),
    [Own.canary],
  );
  container.bind(Own.monitoring).toResolvedValue(
    (
      { limits, metrics }: Config,
      broker: Broker,
      storage: Storage,
      { keeping }: { readonly keeping: AuditKeeping | undefined },
      { canary }: { readonly canary: Canary | undefined },
      sysTopics: SysTopics,
      { figures: providers }: AuthenticationChain,
      { list: bans }: Bans,
      memory: MemoryWatch,
      clock: Clock,
    ) => {
      const { totals } = broker.counters;
      const readiness = new Readiness(() => storage.health.failure);
      const unreadiness = (): string | undefined => readiness.reason();
      const sources = { version: VERSION, broker, storage, limits, providers, bans, memory };
      const server = metrics.enabled
        ? new MetricsServer(
            brokerRegistry({ ...sources, canary, unreadiness, audit: keeping && figuresOf(keeping) }),
            unreadiness,
            metrics,
          )
        : undefined;
      return new Monitoring({ metrics: server, canary, sysTopics, totals, readiness, clock });
    },
    [
      ...[T.config, Own.broker, T.storage, Own.keeping, Own.canary, Own.sysTopics],
      ...[Own.authentication, Own.bans, Own.memory, T.clock],
    ] as const,
  );
}

function makeCanary(
  { metrics, health }: Config,
  endpoint: MqttEndpoint,
  { password }: CanarySecret,
  parts: { readonly clock: Clock; readonly logger: Logger },
): Canary | undefined {
  if (!metrics.enabled) return undefined;
  const door = new PrivateDoor(endpoint, CANARY_LISTENER);
  const clientId = `surety-canary-${randomBytes(8).toString('hex')}`;
  const roundTrip = new SocketRoundTrip({
    ...{ open: () => door.open(), clientId, password },
    topic: `${CANARY_TOPICS}${clientId}`,
  });
  return new Canary({ ...parts, roundTrip, settings: health.canary });
}

function figuresOf(keeping: AuditKeeping): AuditFigures {
  const { checkpoints } = keeping;
  return {
    checkpointAgeMs: () => checkpoints.ageMs(),
    signedSequence: () => checkpoints.signedSequence,
    syslogDropped: () => keeping.syslogDropped,
  };
}
