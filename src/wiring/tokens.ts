import type { ServiceIdentifier } from 'inversify';

import { LocalAccessFile } from '../adapters/admin-tokens/local-access-file.js';
import { TokenFile } from '../adapters/admin-tokens/token-file.js';
import type { PasswordChecker } from '../adapters/auth/password-checker.js';
import type { PasswordVerifier } from '../adapters/auth/password-verifier.js';
import type { Config } from '../adapters/config/config.js';
import type { AdminParts } from '../adapters/http/admin-app.js';
import { AdminServer } from '../adapters/http/admin-server.js';
import { MqttEndpoint } from '../adapters/mqtt/mqtt-endpoint.js';
import type { AccessRules } from '../application/access-rules.js';
import type { MetricsServer } from '../adapters/prometheus/metrics-server.js';
import type { SocketListeners } from '../adapters/transport/socket-listeners.js';
import { BrokerArchive } from '../admin-archive.js';
import { Administration } from '../application/administration/administration.js';
import { AuditRecorder } from '../application/audit-recorder.js';
import { AuthenticationChain } from '../application/authentication/authentication-chain.js';
import { Bans } from '../application/authentication/bans.js';
import { ExpireCredentials } from '../application/authentication/expire-credentials.js';
import type { GuardedAuthentication } from '../application/authentication/guarded-authentication.js';
import type { RevokeUsers } from '../application/authentication/revoke-users.js';
import { BrokerRun } from '../application/broker-run.js';
import { BrokerState } from '../application/broker-state.js';
import { Broker } from '../application/broker.js';
import { Canary } from '../application/canary/canary.js';
import { CanaryAdmission } from '../application/canary/canary-admission.js';
import { ConnectClient } from '../application/connect-client.js';
import { EndConnection } from '../application/end-connection.js';
import { EndSession } from '../application/end-session.js';
import { JournalPressure } from '../application/journal-pressure.js';
import { MessageTrail } from '../application/message-trail.js';
import { MemoryWatch } from '../application/memory-watch.js';
import { OverflowWatch } from '../application/overflow-watch.js';
import type { Authenticator } from '../application/ports/authenticator.js';
import type { ClientTraces } from '../application/ports/client-traces.js';
import type { Clock } from '../application/ports/clock.js';
import type { IdentifierSource } from '../application/ports/identifier-source.js';
import type { Logs } from '../application/ports/log-levels.js';
import type { Logger } from '../application/ports/logger.js';
import type { MisbehaviourLog } from '../application/ports/misbehaviour-log.js';
import type { PolicySource } from '../application/ports/policy-source.js';
import type { Reloadable } from '../application/ports/reloadable.js';
import type { Storage } from '../application/ports/storage.js';
import type { RecordAdminActions } from '../application/record-admin-actions.js';
import type { ReloadAccess } from '../application/reload-access.js';
import { Reload } from '../application/reload.js';
import { RestoreState } from '../application/restore-state.js';
import type { ReviewSubscriptions } from '../application/review-subscriptions.js';
import { RouteMessage } from '../application/route-message.js';
import { SysTopics } from '../application/sys-topics/sys-topics.js';
import { ClientAuthentication } from '../client-authentication.js';
import type { AuditKeeping } from '../audit-keeping.js';
import type { DeliveryStore } from '../domain/session/delivery-store.js';
import { Monitoring, Readiness } from '../monitoring.js';
import type { ConfigApplier, ConfigPreparer, ConfigurationReading } from '../reloading.js';
import type { ReplaceableServer } from '../replaceable-server.js';
import { Server } from '../server.js';
import type { ConfiguredProviders } from './providers.js';

const token = <T>(name: string): ServiceIdentifier<T> => Symbol(name);

/** What may be bound anew before the server is built: the ports, which tests fill with fakes. */
export const T = {
  config: token<Config>('config'),
  /** All of the log. */
  logs: token<Logs>('logs'),
  /** The log of the broker's own. */
  logger: token<Logger>('logger'),
  clock: token<Clock>('clock'),
  authenticator: token<Authenticator>('authenticator'),
  passwordVerifier: token<PasswordVerifier>('password-verifier'),
  policies: token<PolicySource>('policies'),
  identifiers: token<IdentifierSource>('identifiers'),
  storage: token<Storage>('storage'),
  traces: token<ClientTraces>('traces'),
  server: token<Server>('server'),
};

/** Tokens of our own classes, which nobody replaces. */
export const Own = {
  state: token<BrokerState>('state'),
  misbehaviour: token<MisbehaviourLog>('misbehaviour'),
  audit: token<AuditRecorder>('audit'),
  overflows: token<OverflowWatch>('overflows'),
  messages: token<MessageTrail>('messages'),
  run: token<BrokerRun>('run'),
  pressure: token<JournalPressure>('pressure'),
  memory: token<MemoryWatch>('memory'),
  keeping: token<{ readonly keeping: AuditKeeping | undefined }>('keeping'),
  accessRules: token<AccessRules>('access-rules'),
  reloadAccess: token<ReloadAccess>('reload-access'),
  reviewSubscriptions: token<ReviewSubscriptions>('review-subscriptions'),
  router: token<RouteMessage>('router'),
  deliveryStore: token<DeliveryStoreSlot>('delivery-store'),
  restoreState: token<RestoreState>('restore-state'),
  endSession: token<EndSession>('end-session'),
  endConnection: token<EndConnection>('end-connection'),
  providers: token<ConfiguredProviders>('providers'),
  authentication: token<AuthenticationChain>('authentication'),
  guard: token<GuardedAuthentication>('guard'),
  passwordChecker: token<PasswordChecker>('password-checker'),
  bans: token<Bans>('bans'),
  expireCredentials: token<ExpireCredentials>('expire-credentials'),
  clientAuthentication: token<ClientAuthentication>('client-authentication'),
  connectClient: token<ConnectClient>('connect-client'),
  broker: token<Broker>('broker'),
  administration: token<Administration>('administration'),
  accessAdministration: token<AccessAdministration>('access-administration'),
  databaseWatch: token<DatabaseWatch>('database-watch'),
  localAccess: token<LocalAccessFile>('local-access'),
  adminTokens: token<TokenFile>('admin-tokens'),
  archive: token<BrokerArchive>('archive'),
  admin: token<ReplaceableServer<AdminServer>>('admin'),
  canarySecret: token<CanarySecret>('canary-secret'),
  canaryAdmission: token<CanaryAdmission>('canary-admission'),
  canary: token<Canary>('canary'),
  sysTopics: token<SysTopics>('sys-topics'),
  readiness: token<Readiness>('readiness'),
  metrics: token<ReplaceableServer<MetricsServer>>('metrics'),
  monitoring: token<Monitoring>('monitoring'),
  endpoint: token<MqttEndpoint>('endpoint'),
  /** Bound once by each area that has something to read anew. */
  reloadable: token<Reloadable>('reloadable'),
  configurationReading: token<ConfigurationReading>('configuration-reading'),
  configPreparer: token<ConfigPreparer>('config-preparer'),
  configApplier: token<ConfigApplier>('config-applier'),
  reload: token<Reload>('reload'),
  listeners: token<SocketListeners>('listeners'),
};

/** What an operator changes about who gets in, and who may do what. */
export type AccessAdministration = Pick<AdminParts, 'users' | 'roles' | 'bans' | 'explainer'>;

/** What follows changes that were made in the database; undefined where there is none. */
export interface DatabaseWatch {
  readonly adminActions: RecordAdminActions | undefined;
  readonly revokeUsers: RevokeUsers | undefined;
}

/** The canary's password, of which there is one for each start and no copy elsewhere. */
export interface CanarySecret {
  readonly password: Uint8Array;
}

/** Where sessions keep what they owe, if that isn't memory alone. */
export interface DeliveryStoreSlot {
  readonly store: DeliveryStore | undefined;
}
