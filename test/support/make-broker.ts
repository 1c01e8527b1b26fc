import type { LimitsConfig } from '../../src/adapters/config/config.js';
import { loadConfig } from '../../src/adapters/config/load-config.js';
import { VOLATILE_STORAGE } from '../../src/adapters/memory/volatile-storage.js';
import { AcknowledgeDelivery } from '../../src/application/acknowledge-delivery.js';
import { Administration } from '../../src/application/administration/administration.js';
import { AuditRecorder } from '../../src/application/audit-recorder.js';
import { AuthenticationChain } from '../../src/application/authentication/authentication-chain.js';
import { Bans } from '../../src/application/authentication/bans.js';
import { ExpireCredentials } from '../../src/application/authentication/expire-credentials.js';
import { Broker } from '../../src/application/broker.js';
import { BrokerState } from '../../src/application/broker-state.js';
import { ConnectClient } from '../../src/application/connect-client.js';
import { EndConnection } from '../../src/application/end-connection.js';
import { EndSession } from '../../src/application/end-session.js';
import { ExpireSessions } from '../../src/application/expire-sessions.js';
import { JournalPressure } from '../../src/application/journal-pressure.js';
import { MessageTrail } from '../../src/application/message-trail.js';
import { OverflowWatch } from '../../src/application/overflow-watch.js';
import type { AuditTrail } from '../../src/application/ports/audit-trail.js';
import type { Authenticator } from '../../src/application/ports/authenticator.js';
import type { Logger } from '../../src/application/ports/logger.js';
import type { PolicySource } from '../../src/application/ports/policy-source.js';
import type { Storage } from '../../src/application/ports/storage.js';
import { type DeniedPublishPolicy, PublishMessage } from '../../src/application/publish-message.js';
import { ReviewSubscriptions } from '../../src/application/review-subscriptions.js';
import { RouteMessage } from '../../src/application/route-message.js';
import { SubscribeClient } from '../../src/application/subscribe-client.js';
import { SysTopics } from '../../src/application/sys-topics/sys-topics.js';
import { UnsubscribeClient } from '../../src/application/unsubscribe-client.js';
import { type AccessPolicy, ALLOW_ALL } from '../../src/domain/access/access-policy.js';
import type { ClientId } from '../../src/domain/client-id.js';
import type { TopicFilter } from '../../src/domain/topic/topic-filter.js';
import { ManualClock } from './manual-clock.js';
import { silentLogger } from './silent-logger.js';

/** What a test wants other than usual. */
export interface BrokerOptions {
  readonly limits?: Partial<LimitsConfig>;
  readonly clock?: ManualClock;
  readonly logger?: Logger;
  readonly authenticator?: Authenticator;
  readonly access?: AccessPolicy;
  /** In place of one for whom `access` is everybody's. */
  readonly policies?: PolicySource;
  /** In place of what keeps nothing. */
  readonly storage?: Partial<Storage>;
  readonly trail?: AuditTrail;
  /** Topic filters of the messages that the trail follows. */
  readonly followed?: readonly string[];
  readonly onDeniedPublish?: DeniedPublishPolicy;
  /** Seconds that the session of an absent client is kept; 0 keeps it for ever. */
  readonly sessionExpirySeconds?: number;
}

/** Refusals within so long are counted in one record. */
const FOLD_SECONDS = 10;

/** A broker without transport or database. */
export interface MadeBroker {
  readonly broker: Broker;
  readonly administration: Administration;
  readonly clock: ManualClock;
  readonly limits: LimitsConfig;
  /** The figures on `$SYS` topics, every ten seconds once they are started. */
  readonly sysTopics: SysTopics;
  readonly bans: Bans;
  readonly state: BrokerState;
  readonly audit: AuditRecorder;
  readonly reviewSubscriptions: ReviewSubscriptions;
}

/** Wires the use cases, with time that stands still and limits as configured by default. */
export function makeBroker(options: BrokerOptions = {}): MadeBroker {
  const clock = options.clock ?? new ManualClock();
  const logger = options.logger ?? silentLogger;
  const limits = { ...defaultLimits(), ...options.limits };
  const storage = { ...VOLATILE_STORAGE, ...options.storage };
  const audit = new AuditRecorder(options.trail ?? storage.trail, clock, { foldSeconds: FOLD_SECONDS });
  const overflows = new OverflowWatch(audit, limits, clock);
  const filters = (options.followed ?? []) as TopicFilter[];
  const messages = new MessageTrail(options.trail ?? storage.trail, clock, filters);
  const { journal, sessions } = storage;
  const state = new BrokerState();
  const pressure = new JournalPressure(storage.health, limits, state.counters);
  const router = new RouteMessage({ state, journal, clock, limits, audit, messages });
  const endSession = new EndSession(state, sessions, audit);
  const endConnection = new EndConnection({ state, router, endSession, storage, audit, clock });
  const policies = options.policies ?? { policyFor: () => options.access ?? ALLOW_ALL };
  const reviewSubscriptions = new ReviewSubscriptions(state, sessions, audit);
  const expireCredentials = new ExpireCredentials(endConnection);
  const bans = new Bans({ state, store: storage.bans, endConnection, audit, clock, logger });
  const authenticator = options.authenticator ?? new AuthenticationChain([], clock, logger);
  let ids = 0;
  const identifiers = { newClientId: () => `made-${(ids += 1)}` as ClientId };
  const broker = new Broker(state, {
    connectClient: new ConnectClient({
      ...{ state, limits, authenticator, policies, identifiers, storage },
      ...{ deliveryStore: undefined, endConnection, endSession, reviewSubscriptions, expireCredentials },
      ...{ audit, overflows, messages, logger, clock },
    }),
    publishMessage: new PublishMessage({
      ...{ state, router, limits, pressure, audit, messages },
      access: { onDeniedPublish: options.onDeniedPublish ?? 'ignore' },
    }),
    acknowledgeDelivery: new AcknowledgeDelivery(journal),
    subscribeClient: new SubscribeClient(state, sessions, limits, pressure, audit),
    unsubscribeClient: new UnsubscribeClient(state, sessions, pressure, audit),
    endConnection,
    bans,
    expireCredentials,
    expireSessions: new ExpireSessions(state, endSession, logger, {
      expirySeconds: options.sessionExpirySeconds ?? 0,
    }),
  });
  const parts = { state, limits, storage: { ...storage, trail: options.trail ?? storage.trail } };
  const administration = new Administration({ ...parts, router, endConnection, endSession, audit });
  const sysTopics = new SysTopics({
    ...{ state, clock, version: 'x', heapBytes: () => 1000 },
    settings: { intervalSeconds: 10 },
  });
  return { broker, administration, clock, limits, state, audit, reviewSubscriptions, sysTopics, bans };
}

/** The limits of a configuration that says nothing. */
export function defaultLimits(): LimitsConfig {
  const result = loadConfig({ env: {} });
  if ('faults' in result) throw new Error('the defaults are faulty');
  return result.config.limits;
}
