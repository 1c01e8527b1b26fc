import 'reflect-metadata';

import { fileURLToPath } from 'node:url';

import { Container, type ServiceIdentifier } from 'inversify';

import { AnonymousAuthenticator } from './adapters/auth/anonymous-authenticator.js';
import { OpenPolicySource } from './adapters/auth/open-policy-source.js';
import { RandomIdentifierSource } from './adapters/auth/random-identifier-source.js';
import { SystemClock } from './adapters/clock/system-clock.js';
import { allowsAnonymous } from './adapters/config/allows-anonymous.js';
import type { Config, ListenerConfig } from './adapters/config/config.js';
import { configText } from './adapters/config/config-text.js';
import { NodeDigest } from './adapters/crypto/node-digest.js';
import { PinoLogger } from './adapters/log/pino-logger.js';
import { VOLATILE_STORAGE } from './adapters/memory/volatile-storage.js';
import { MqttEndpoint } from './adapters/mqtt/mqtt-endpoint.js';
import { closeDatabase, openDatabase } from './adapters/postgres/database.js';
import { PostgresStorage } from './adapters/postgres/postgres-storage.js';
import { brokerRegistry } from './adapters/prometheus/broker-metrics.js';
import { MetricsServer } from './adapters/prometheus/metrics-server.js';
import type { Listener } from './adapters/transport/listener.js';
import { TcpListener } from './adapters/transport/tcp-listener.js';
import { WebSocketListener } from './adapters/transport/websocket-listener.js';
import { AcknowledgeDelivery } from './application/acknowledge-delivery.js';
import { AuditRecorder } from './application/audit-recorder.js';
import { Broker } from './application/broker.js';
import { BrokerRun } from './application/broker-run.js';
import { BrokerState } from './application/broker-state.js';
import { ConnectClient } from './application/connect-client.js';
import { EndConnection } from './application/end-connection.js';
import { EndSession } from './application/end-session.js';
import { ExpireSessions } from './application/expire-sessions.js';
import { JournalPressure } from './application/journal-pressure.js';
import { OverflowWatch } from './application/overflow-watch.js';
import type { Authenticator } from './application/ports/authenticator.js';
import type { Clock } from './application/ports/clock.js';
import type { IdentifierSource } from './application/ports/identifier-source.js';
import type { Logger } from './application/ports/logger.js';
import type { MisbehaviourLog } from './application/ports/misbehaviour-log.js';
import type { PolicySource } from './application/ports/policy-source.js';
import type { Storage } from './application/ports/storage.js';
import { PublishMessage } from './application/publish-message.js';
import { RateLimitedLog } from './application/rate-limited-log.js';
import { RestoreState } from './application/restore-state.js';
import { RouteMessage } from './application/route-message.js';
import { StoredDeliveries } from './application/stored-deliveries.js';
import { SubscribeClient } from './application/subscribe-client.js';
import { UnsubscribeClient } from './application/unsubscribe-client.js';
import type { DeliveryStore } from './domain/session/delivery-store.js';
import { type AuditKeeping, auditKeeping, nodeName } from './audit-keeping.js';
import { Server } from './server.js';
import { VERSION } from './version.js';

const token = <T>(name: string): ServiceIdentifier<T> => Symbol(name);

/** What may be bound anew before the server is built: the ports, which tests fill with fakes. */
export const T = {
  config: token<Config>('config'),
  logger: token<Logger>('logger'),
  clock: token<Clock>('clock'),
  authenticator: token<Authenticator>('authenticator'),
  policies: token<PolicySource>('policies'),
  identifiers: token<IdentifierSource>('identifiers'),
  storage: token<Storage>('storage'),
  server: token<Server>('server'),
};

/** Tokens of our own classes, which nobody replaces. */
const Own = {
  state: token<BrokerState>('state'),
  misbehaviour: token<MisbehaviourLog>('misbehaviour'),
  audit: token<AuditRecorder>('audit'),
  overflows: token<OverflowWatch>('overflows'),
  run: token<BrokerRun>('run'),
  pressure: token<JournalPressure>('pressure'),
  keeping: token<{ readonly keeping: AuditKeeping | undefined }>('keeping'),
  router: token<RouteMessage>('router'),
  deliveryStore: token<DeliveryStoreSlot>('delivery-store'),
  restoreState: token<RestoreState>('restore-state'),
  endSession: token<EndSession>('end-session'),
  endConnection: token<EndConnection>('end-connection'),
  connectClient: token<ConnectClient>('connect-client'),
  broker: token<Broker>('broker'),
  endpoint: token<MqttEndpoint>('endpoint'),
};

/** Where sessions keep what they owe, if that isn't memory alone. */
interface DeliveryStoreSlot {
  readonly store: DeliveryStore | undefined;
}

const migrationsDir = fileURLToPath(new URL('../migrations', import.meta.url));

/** Lines of one reason that clients can cause in a second. */
const MISBEHAVIOUR_LINES_MAX = 10;

/** Wires a server for a configuration. Storage is bound by `openServer`, as it takes time to open. */
export function createContainer(config: Config): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(T.config).toConstantValue(config);
  bindAdapters(container);
  bindAudit(container);
  bindUseCases(container);
  bindBroker(container);
  bindServer(container);
  return container;
}

/**
 * Opens the storage and makes the server.
 * @throws Error that says what to do, when the storage can't be opened.
 */
export async function openServer(container: Container): Promise<Server> {
  const config = container.get(T.config);
  const { persistence, database, dataDir, limits } = config;
  const { journalBytesMax } = limits;
  const [logger, clock] = [container.get(T.logger), container.get(T.clock)];
  const options = {
    ...{ url: database.url, dataDir, migrationsDir, journalBytesMax, logger, clock },
    ...{ node: nodeName(config), digest: new NodeDigest() },
  };
  const stored = persistence === 'memory' ? undefined : await PostgresStorage.open(options);
  try {
    container.bind(T.storage).toConstantValue(stored ?? VOLATILE_STORAGE);
    const keeping = stored && auditKeeping(config, stored, { clock, logger });
    container.bind(Own.keeping).toConstantValue({ keeping });
    return container.get(T.server);
  } catch (error) {
    await stored?.stop(0);
    throw error;
  }
}

/**
 * Brings the database to the newest version. @returns what was done, a line for each step.
 * @throws Error that says what to do, when it can't be opened or a broker is running on it.
 */
export async function migrateDatabase(config: Config): Promise<string[]> {
  if (config.persistence === 'memory') return ['persistence is off: there is no database to migrate'];
  const { database, dataDir } = config;
  const logger = createContainer(config).get(T.logger);
  const opened = await openDatabase({ url: database.url, dataDir, migrationsDir, logger });
  await closeDatabase(opened);
  if (opened.applied.length === 0) return ['the database is up to date'];
  return opened.applied.map(({ name }) => `applied ${name}`);
}

function bindAdapters(container: Container): void {
  container.bind(T.logger).toResolvedValue((config: Config) => new PinoLogger(config.log), [T.config]);
  container.bind(T.clock).toResolvedValue(() => new SystemClock());
  container.bind(T.authenticator).toResolvedValue(() => new AnonymousAuthenticator());
  container.bind(T.policies).toResolvedValue(() => new OpenPolicySource());
  container.bind(T.identifiers).toResolvedValue(() => new RandomIdentifierSource());
  container
    .bind(Own.misbehaviour)
    .toResolvedValue(
      (logger: Logger, clock: Clock) => new RateLimitedLog(logger, clock, MISBEHAVIOUR_LINES_MAX),
      [T.logger, T.clock],
    );
}

function bindAudit(container: Container): void {
  container
    .bind(Own.audit)
    .toResolvedValue(
      ({ trail }: Storage, clock: Clock, { audit }: Config) =>
        new AuditRecorder(trail, clock, audit.refusals.foldSeconds * 1000),
      [T.storage, T.clock, T.config],
    );
  container
    .bind(Own.overflows)
    .toResolvedValue(
      (audit: AuditRecorder, { limits }: Config, clock: Clock) =>
        new OverflowWatch(audit, limits.queuePolicy, clock),
      [Own.audit, T.config, T.clock],
    );
  container.bind(Own.run).toResolvedValue(
    ({ trail }: Storage, audit: AuditRecorder, overflows: OverflowWatch, config: Config) => {
      const digest = Buffer.from(new NodeDigest().sha256(configText(config)));
      const configuration = digest.toString('hex');
      return new BrokerRun(trail, audit, overflows, {
        ...{ version: VERSION, configuration, isAudited: config.audit.enabled },
      });
    },
    [T.storage, Own.audit, Own.overflows, T.config],
  );
}

function bindUseCases(container: Container): void {
  container.bind(Own.state).toResolvedValue(() => new BrokerState());
  container.bind(Own.deliveryStore).toResolvedValue(
    ({ journal, backlogReader, sessions }: Storage): DeliveryStoreSlot => ({
      store: backlogReader === undefined ? undefined : new StoredDeliveries(journal, backlogReader, sessions),
    }),
    [T.storage],
  );
  container
    .bind(Own.router)
    .toResolvedValue(
      (state: BrokerState, { journal }: Storage, clock: Clock, { limits }: Config, audit: AuditRecorder) =>
        new RouteMessage(state, journal, clock, limits, audit),
      [Own.state, T.storage, T.clock, T.config, Own.audit],
    );
  container
    .bind(Own.endSession)
    .toResolvedValue(
      (state: BrokerState, storage: Storage, audit: AuditRecorder) =>
        new EndSession(state, storage.sessions, audit),
      [Own.state, T.storage, Own.audit],
    );
  container
    .bind(Own.endConnection)
    .toResolvedValue(
      (
        state: BrokerState,
        router: RouteMessage,
        endSession: EndSession,
        storage: Storage,
        audit: AuditRecorder,
        clock: Clock,
      ) => new EndConnection({ state, router, endSession, storage, audit, clock }),
      [Own.state, Own.router, Own.endSession, T.storage, Own.audit, T.clock],
    );
  container
    .bind(Own.restoreState)
    .toResolvedValue(
      (
        state: BrokerState,
        { source }: Storage,
        { store }: DeliveryStoreSlot,
        router: RouteMessage,
        endSession: EndSession,
        overflows: OverflowWatch,
        { limits }: Config,
        clock: Clock,
      ) => new RestoreState(state, source, store, { router, endSession, overflows }, { limits, clock }),
      [
        ...[Own.state, T.storage, Own.deliveryStore, Own.router, Own.endSession],
        ...[Own.overflows, T.config, T.clock],
      ] as const,
    );
  bindConnectClient(container);
}

function bindConnectClient(container: Container): void {
  container.bind(Own.connectClient).toResolvedValue(
    (
      state: BrokerState,
      { limits }: Config,
      authenticator: Authenticator,
      policies: PolicySource,
      identifiers: IdentifierSource,
      storage: Storage,
      { store }: DeliveryStoreSlot,
      endConnection: EndConnection,
      endSession: EndSession,
      audit: AuditRecorder,
      overflows: OverflowWatch,
      logger: Logger,
    ) =>
      new ConnectClient({
        state,
        limits,
        authenticator,
        policies,
        identifiers,
        storage,
        deliveryStore: store,
        endConnection,
        endSession,
        audit,
        overflows,
        logger,
      }),
    [
      Own.state,
      T.config,
      T.authenticator,
      T.policies,
      T.identifiers,
      T.storage,
      Own.deliveryStore,
      Own.endConnection,
      Own.endSession,
      Own.audit,
      Own.overflows,
      T.logger,
    ],
  );
}

function bindBroker(container: Container): void {
  container
    .bind(Own.pressure)
    .toResolvedValue(({ health }: Storage) => new JournalPressure(health), [T.storage]);
  container.bind(Own.broker).toResolvedValue(
    (
      { limits, access, session }: Config,
      state: BrokerState,
      connectClient: ConnectClient,
      router: RouteMessage,
      { journal, sessions }: Storage,
      pressure: JournalPressure,
      audit: AuditRecorder,
      endConnection: EndConnection,
      endSession: EndSession,
      logger: Logger,
    ) => {
      const onDenied = access.onDeniedPublish;
      return new Broker(state, {
        connectClient,
        publishMessage: new PublishMessage({ state, router, limits, pressure, audit, onDenied }),
        acknowledgeDelivery: new AcknowledgeDelivery(journal),
        subscribeClient: new SubscribeClient(state, sessions, limits, pressure, audit),
        unsubscribeClient: new UnsubscribeClient(state, sessions, pressure, audit),
        endConnection,
        expireSessions: new ExpireSessions(state, endSession, logger, session.expirySeconds * 1000),
      });
    },
    [
      T.config,
      Own.state,
      Own.connectClient,
      Own.router,
      T.storage,
      Own.pressure,
      Own.audit,
      Own.endConnection,
      Own.endSession,
      T.logger,
    ],
  );
}

function bindServer(container: Container): void {
  container
    .bind(Own.endpoint)
    .toResolvedValue(
      (broker: Broker, clock: Clock, logger: Logger, misbehaviour: MisbehaviourLog, { limits }: Config) =>
        new MqttEndpoint({ broker, clock, logger, misbehaviour, limits }),
      [Own.broker, T.clock, T.logger, Own.misbehaviour, T.config],
    );
  container.bind(T.server).toResolvedValue(
    (
      { limits, listeners, metrics }: Config,
      broker: Broker,
      endpoint: MqttEndpoint,
      storage: Storage,
      restoreState: RestoreState,
      run: BrokerRun,
      { keeping }: { readonly keeping: AuditKeeping | undefined },
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
        metrics: metrics.enabled
          ? new MetricsServer(brokerRegistry(broker, storage), storage.health, metrics)
          : undefined,
      }),
    [
      ...[T.config, Own.broker, Own.endpoint, T.storage, Own.restoreState, Own.run],
      ...[Own.keeping, T.clock, T.logger],
    ] as const,
  );
}

/** A WebSocket message may hold a packet and the beginnings of others. */
const MESSAGE_SLACK_BYTES = 65_536;

function makeListener(settings: ListenerConfig, limits: Config['limits'], endpoint: MqttEndpoint): Listener {
  const anonymousAllowed = allowsAnonymous(settings);
  if (settings.transport === 'tcp') return new TcpListener({ ...settings, anonymousAllowed }, endpoint);
  return new WebSocketListener(
    {
      ...settings,
      anonymousAllowed,
      path: settings.webSocketPath,
      messageBytesMax: limits.packetBytesMax + MESSAGE_SLACK_BYTES,
      upgradeMs: limits.connectTimeoutSeconds * 1000,
      connectionsMax: limits.connectionsMax,
    },
    endpoint,
  );
}
