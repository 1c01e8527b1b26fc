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
import { ReplaceableServer } from '../replaceable-server.js';
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
  container
    .bind(Own.canary)
    .toResolvedValue(
      (config: Config, endpoint: MqttEndpoint, secret: CanarySecret, clock: Clock, logger: Logger) =>
        makeCanary(config, endpoint, secret, { clock, logger }),
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
    (canary: Canary): ConfigApplier => ({
      keys: ['health.canary', 'metrics.enabled'],
      apply: () => canary.settingsChanged(),
    }),
    [Own.canary],
  );
  bindMetrics(container);
}

function bindMetrics(container: Container): void {
  container
    .bind(Own.readiness)
    .toResolvedValue(({ health }: Storage) => new Readiness(() => health.failure), [T.storage]);
  container.bind(Own.metrics).toResolvedValue(
    (
      config: Config,
      broker: Broker,
      storage: Storage,
      { keeping }: { readonly keeping: AuditKeeping | undefined },
      canary: Canary,
      { figures: providers }: AuthenticationChain,
      { list: bans }: Bans,
      memory: MemoryWatch,
      readiness: Readiness,
      logger: Logger,
    ) => {
      const unreadiness = (): string | undefined => readiness.reason();
      const sources = { version: VERSION, broker, storage, limits: config.limits, providers, bans, memory };
      const audit = keeping && figuresOf(keeping);
      // Made with the first server, and then for all: it goes on counting.
      let registry: ReturnType<typeof brokerRegistry> | undefined;
      const registryOf = () => (registry ??= brokerRegistry({ ...sources, canary, unreadiness, audit }));
      return new ReplaceableServer(config, {
        keys: ['metrics'],
        make: ({ metrics }) =>
          metrics.enabled ? new MetricsServer(registryOf(), unreadiness, metrics) : undefined,
        logger,
      });
    },
    [
      ...[T.config, Own.broker, T.storage, Own.keeping, Own.canary, Own.authentication, Own.bans],
      ...[Own.memory, Own.readiness, T.logger],
    ] as const,
  );
  container.bind(Own.configPreparer).toService(Own.metrics);
  container
    .bind(Own.monitoring)
    .toResolvedValue(
      (
        { counters: { totals } }: Broker,
        metrics: ReplaceableServer<MetricsServer>,
        canary: Canary,
        sysTopics: SysTopics,
        readiness: Readiness,
        clock: Clock,
      ) => new Monitoring({ metrics, canary, sysTopics, totals, readiness, clock }),
      [Own.broker, Own.metrics, Own.canary, Own.sysTopics, Own.readiness, T.clock],
    );
}

function makeCanary(
  { metrics, health }: Config,
  endpoint: MqttEndpoint,
  { password }: CanarySecret,
  parts: { readonly clock: Clock; readonly logger: Logger },
): Canary {
  const door = new PrivateDoor(endpoint, CANARY_LISTENER);
  const clientId = `surety-canary-${randomBytes(8).toString('hex')}`;
  const roundTrip = new SocketRoundTrip({
    ...{ open: () => door.open(), clientId, password },
    topic: `${CANARY_TOPICS}${clientId}`,
  });
  const settings = {
    get enabled() {
      return metrics.enabled && health.canary.enabled;
    },
    get everySeconds() {
      return health.canary.everySeconds;
    },
  };
  return new Canary({ ...parts, roundTrip, settings });
}

function figuresOf(keeping: AuditKeeping): AuditFigures {
  const { checkpoints } = keeping;
  return {
    checkpointAgeMs: () => checkpoints.ageMs(),
    signedSequence: () => checkpoints.signedSequence,
    syslogDropped: () => keeping.syslogDropped,
  };
}
