import 'reflect-metadata';

import { Container, type ServiceIdentifier } from 'inversify';

import { AnonymousAuthenticator } from './adapters/auth/anonymous-authenticator.js';
import { OpenPolicySource } from './adapters/auth/open-policy-source.js';
import { RandomIdentifierSource } from './adapters/auth/random-identifier-source.js';
import { SystemClock } from './adapters/clock/system-clock.js';
import { allowsAnonymous } from './adapters/config/allows-anonymous.js';
import type { Config } from './adapters/config/config.js';
import { PinoLogger } from './adapters/log/pino-logger.js';
import { VolatileJournal } from './adapters/memory/volatile-journal.js';
import { VolatileSessionStore } from './adapters/memory/volatile-session-store.js';
import { MqttEndpoint } from './adapters/mqtt/mqtt-endpoint.js';
import { brokerRegistry } from './adapters/prometheus/broker-metrics.js';
import { MetricsServer } from './adapters/prometheus/metrics-server.js';
import { TcpListener } from './adapters/transport/tcp-listener.js';
import { AcknowledgeDelivery } from './application/acknowledge-delivery.js';
import { Broker } from './application/broker.js';
import { BrokerState } from './application/broker-state.js';
import { ConnectClient } from './application/connect-client.js';
import { EndConnection } from './application/end-connection.js';
import { EndSession } from './application/end-session.js';
import { ExpireSessions } from './application/expire-sessions.js';
import type { Authenticator } from './application/ports/authenticator.js';
import type { Clock } from './application/ports/clock.js';
import type { DeliveryJournal } from './application/ports/delivery-journal.js';
import type { IdentifierSource } from './application/ports/identifier-source.js';
import type { Logger } from './application/ports/logger.js';
import type { MisbehaviourLog } from './application/ports/misbehaviour-log.js';
import type { PolicySource } from './application/ports/policy-source.js';
import type { SessionStore } from './application/ports/session-store.js';
import { PublishMessage } from './application/publish-message.js';
import { RateLimitedLog } from './application/rate-limited-log.js';
import { RouteMessage } from './application/route-message.js';
import { SubscribeClient } from './application/subscribe-client.js';
import { UnsubscribeClient } from './application/unsubscribe-client.js';
import { Server } from './server.js';

const token = <T>(name: string): ServiceIdentifier<T> => Symbol(name);

/** What may be bound anew before the server is built: the ports, which tests fill with fakes. */
export const T = {
  config: token<Config>('config'),
  logger: token<Logger>('logger'),
  clock: token<Clock>('clock'),
  authenticator: token<Authenticator>('authenticator'),
  policies: token<PolicySource>('policies'),
  identifiers: token<IdentifierSource>('identifiers'),
  journal: token<DeliveryJournal>('journal'),
  sessionStore: token<SessionStore>('session-store'),
  server: token<Server>('server'),
};

/** Tokens of our own classes, which nobody replaces. */
const Own = {
  state: token<BrokerState>('state'),
  misbehaviour: token<MisbehaviourLog>('misbehaviour'),
  router: token<RouteMessage>('router'),
  endSession: token<EndSession>('end-session'),
  endConnection: token<EndConnection>('end-connection'),
  connectClient: token<ConnectClient>('connect-client'),
  broker: token<Broker>('broker'),
  endpoint: token<MqttEndpoint>('endpoint'),
};

/** Lines of one reason that clients can cause in a second. */
const MISBEHAVIOUR_LINES_MAX = 10;

/** Wires a server for a configuration. Nothing is constructed before `T.server` is asked for. */
export function createContainer(config: Config): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(T.config).toConstantValue(config);
  bindAdapters(container);
  bindUseCases(container);
  bindServer(container);
  return container;
}

function bindAdapters(container: Container): void {
  container.bind(T.logger).toResolvedValue((config: Config) => new PinoLogger(config.log), [T.config]);
  container.bind(T.clock).toResolvedValue(() => new SystemClock());
  container.bind(T.authenticator).toResolvedValue(() => new AnonymousAuthenticator());
  container.bind(T.policies).toResolvedValue(() => new OpenPolicySource());
  container.bind(T.identifiers).toResolvedValue(() => new RandomIdentifierSource());
  container.bind(T.journal).toResolvedValue(() => new VolatileJournal());
  container.bind(T.sessionStore).toResolvedValue(() => new VolatileSessionStore());
  container
    .bind(Own.misbehaviour)
    .toResolvedValue(
      (logger: Logger, clock: Clock) => new RateLimitedLog(logger, clock, MISBEHAVIOUR_LINES_MAX),
      [T.logger, T.clock],
    );
}

function bindUseCases(container: Container): void {
  container.bind(Own.state).toResolvedValue(() => new BrokerState());
  container
    .bind(Own.router)
    .toResolvedValue(
      (state: BrokerState, journal: DeliveryJournal, clock: Clock, config: Config) =>
        new RouteMessage(state, journal, clock, config.limits),
      [Own.state, T.journal, T.clock, T.config],
    );
  container
    .bind(Own.endSession)
    .toResolvedValue(
      (state: BrokerState, store: SessionStore, logger: Logger) => new EndSession(state, store, logger),
      [Own.state, T.sessionStore, T.logger],
    );
  container
    .bind(Own.endConnection)
    .toResolvedValue(
      (state: BrokerState, router: RouteMessage, endSession: EndSession, clock: Clock) =>
        new EndConnection(state, router, endSession, clock),
      [Own.state, Own.router, Own.endSession, T.clock],
    );
  bindConnectClient(container);
  bindBroker(container);
}

function bindConnectClient(container: Container): void {
  container.bind(Own.connectClient).toResolvedValue(
    (
      state: BrokerState,
      { limits }: Config,
      authenticator: Authenticator,
      policies: PolicySource,
      identifiers: IdentifierSource,
      sessionStore: SessionStore,
      endConnection: EndConnection,
      endSession: EndSession,
      logger: Logger,
    ) =>
      new ConnectClient({
        state,
        limits,
        authenticator,
        policies,
        identifiers,
        sessionStore,
        endConnection,
        endSession,
        logger,
      }),
    [
      Own.state,
      T.config,
      T.authenticator,
      T.policies,
      T.identifiers,
      T.sessionStore,
      Own.endConnection,
      Own.endSession,
      T.logger,
    ],
  );
}

function bindBroker(container: Container): void {
  container.bind(Own.broker).toResolvedValue(
    (
      config: Config,
      state: BrokerState,
      connectClient: ConnectClient,
      router: RouteMessage,
      journal: DeliveryJournal,
      store: SessionStore,
      endConnection: EndConnection,
      endSession: EndSession,
      logger: Logger,
    ) =>
      new Broker(state, {
        connectClient,
        publishMessage: new PublishMessage(state, router, config.limits, config.access.onDeniedPublish),
        acknowledgeDelivery: new AcknowledgeDelivery(journal),
        subscribeClient: new SubscribeClient(state, store, config.limits),
        unsubscribeClient: new UnsubscribeClient(state, store),
        endConnection,
        expireSessions: new ExpireSessions(state, endSession, logger, config.session.expirySeconds * 1000),
      }),
    [
      T.config,
      Own.state,
      Own.connectClient,
      Own.router,
      T.journal,
      T.sessionStore,
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
    (config: Config, broker: Broker, endpoint: MqttEndpoint, clock: Clock) =>
      new Server({
        broker,
        endpoint,
        clock,
        listeners: config.listeners.map(
          (listener) =>
            new TcpListener({ ...listener, anonymousAllowed: allowsAnonymous(listener) }, endpoint),
        ),
        metrics: config.metrics.enabled
          ? new MetricsServer(brokerRegistry(broker), config.metrics)
          : undefined,
      }),
    [T.config, Own.broker, Own.endpoint, T.clock],
  );
}
