import type { AccessDecision, AccessPolicy } from '../domain/access/access-policy.js';
import type { Principal } from '../domain/access/principal.js';
import type { AuditActor, AuditEvent } from '../domain/audit/audit-event.js';
import { type ClientId, parseClientId } from '../domain/client-id.js';
import type { CloseReason } from '../domain/close-reason.js';
import { ConnectCode, type ConnectRefusal } from '../domain/connect-code.js';
import type { ConnectRequest } from '../domain/connect-request.js';
import type { DeliveryStore } from '../domain/session/delivery-store.js';
import { Session } from '../domain/session/session.js';
import type { ReplayTracer } from '../domain/session/session-traits.js';
import { isServerTopic } from '../domain/topic/topic-name.js';
import type { Will } from '../domain/will/will.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { BrokerState } from './broker-state.js';
import { ConnectedClient } from './connected-client.js';
import type { ConnectionOrigin, EndConnection } from './end-connection.js';
import type { EndSession } from './end-session.js';
import type { ExpireCredentials } from './authentication/expire-credentials.js';
import type { Limits } from './limits.js';
import type { MessageTrail } from './message-trail.js';
import type { OverflowWatch } from './overflow-watch.js';
import type { Authenticator, Refused } from './ports/authenticator.js';
import type { ClientLink } from './ports/client-link.js';
import type { Clock } from './ports/clock.js';
import type { IdentifierSource } from './ports/identifier-source.js';
import type { Logger } from './ports/logger.js';
import type { PolicySource } from './ports/policy-source.js';
import type { Storage } from './ports/storage.js';
import { ReceiptQueue } from './receipt-queue.js';
import type { ReviewSubscriptions } from './review-subscriptions.js';

/** The connected client, the return code that refuses it, or neither when the connection ended meanwhile. */
export type ConnectOutcome =
  { readonly client: ConnectedClient } | { readonly refusal: ConnectRefusal } | { readonly gone: true };

/** What `ConnectClient` works with. */
export interface ConnectDependencies {
  readonly state: BrokerState;
  readonly limits: Limits;
  readonly authenticator: Authenticator;
  readonly policies: PolicySource;
  readonly identifiers: IdentifierSource;
  readonly storage: Storage;
  /** Where sessions keep what they owe; undefined when that is memory. */
  readonly deliveryStore: DeliveryStore | undefined;
  readonly endConnection: EndConnection;
  readonly endSession: EndSession;
  readonly reviewSubscriptions: ReviewSubscriptions;
  readonly expireCredentials: ExpireCredentials;
  readonly audit: AuditRecorder;
  readonly overflows: OverflowWatch;
  readonly messages: MessageTrail;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Why a connection is refused; the return code follows from it. */
const REFUSALS = {
  identifier_rejected: ConnectCode.identifierRejected,
  authenticator_failed: ConnectCode.notAuthorized,
  will_denied: ConnectCode.notAuthorized,
  server_shutdown: ConnectCode.serverUnavailable,
  store_unavailable: ConnectCode.serverUnavailable,
  too_many_sessions: ConnectCode.serverUnavailable,
} as const;
type Refusal = keyof typeof REFUSALS;

/** What refusals are counted under: no provider has vouched for the client. */
const NO_PROVIDER = 'none';
/** What refused credentials are called in the audit trail where nothing more is known. */
const CREDENTIALS_REASONS = {
  [ConnectCode.badUserNameOrPassword]: 'bad_credentials',
  [ConnectCode.notAuthorized]: 'not_authorized',
  [ConnectCode.serverUnavailable]: 'authentication_busy',
} as const;

/** Refusals before the CONNECT was looked at. */
export type EarlyRefusal = 'unacceptable_protocol_level' | CloseReason;

/** A client that has proved who it is. */
interface Applicant {
  readonly clientId: ClientId;
  readonly principal: Principal;
  readonly actor: AuditActor;
  /** When the proof ends, in milliseconds since the epoch. */
  readonly expiresAtMs: number | undefined;
}

/** A CONNECT from a client. */
export class ConnectClient {
  /** Ends the waiting of those whose session is being stored. */
  private readonly storing = new Set<() => void>();
  /** One for all sessions, as there are many. */
  private readonly onOverflow = (session: Session): void => this.deps.overflows.began(session);
  private readonly traceReplay: ReplayTracer<Session> = (...replay) =>
    this.deps.messages.replaying(...replay);

  constructor(private readonly deps: ConnectDependencies) {
    deps.storage.health.onFailure(() => this.giveUpStoring());
  }

  /** Lets a client in, with its session old or new; CONNACK 0 is sent before the promise resolves. */
  async connect(request: ConnectRequest, link: ClientLink): Promise<ConnectOutcome> {
    const origin = { address: link.remoteAddress, listener: link.listener };
    const clientId = this.clientIdOf(request);
    if (clientId === undefined) return this.refuse('identifier_rejected', origin);
    const applicant = await this.authenticate(request, { ...origin, clientId }, link);
    if ('refusal' in applicant) return applicant;
    if (!link.isOpen) return { gone: true };
    const { principal, actor } = applicant;
    const access = this.deps.policies.policyFor(principal, clientId);
    const will = this.willOf(request);
    const willDecision = will && this.willDecision(will, access);
    if (willDecision?.isAllowed === false)
      return this.refuse('will_denied', actor, { topic: will?.message.topic, rule: willDecision.rule });
    const reason = this.unavailability(clientId, request);
    if (reason !== undefined) return this.refuse(reason, actor);

    this.takeOver(clientId, actor);
    const { session, isPresent } = this.sessionFor(applicant, request.cleanSession);
    const client = new ConnectedClient(this.deps.state.nextConnection++, session, link, {
      principal,
      actor: session.durable ? { ...actor, session: session.key } : actor,
      access,
      will,
      receipts: new ReceiptQueue(link, this.deps.clock, this.deps.state.counters.acknowledged),
    });
    this.join(client);
    const isStored = await this.store(client, isPresent);
    // Whoever has ended it has seen to its session, too.
    if (client.hasEnded) return { gone: true };
    if (!isStored) return this.refuseUnstored(client, isPresent);
    if (!link.isOpen) {
      this.deps.endConnection.end(client, { end: 'lost', reason: 'peer_closed' });
      return { gone: true };
    }
    this.accept(client, request, isPresent);
    if (applicant.expiresAtMs !== undefined) this.deps.expireCredentials.watch(client, applicant.expiresAtMs);
    return { client };
  }

  /** A connection was refused before its CONNECT was looked at. */
  refused(
    { remoteAddress: address, listener }: ConnectionOrigin,
    reason: EarlyRefusal,
    detail?: string,
  ): void {
    const details = detail === undefined ? undefined : { detail };
    this.deps.audit.refused('connection.refused', { address, listener }, { reason, details });
  }

  private accept(client: ConnectedClient, request: ConnectRequest, isPresent: boolean): void {
    const { cleanSession, keepAliveSeconds } = request;
    client.isAccepted = true;
    this.deps.state.counters.connectsAccepted++;
    this.deps.audit.record('connection.accepted', client.actor, {
      details: { cleanSession, keepAliveSeconds, sessionPresent: isPresent },
    });
    // The rules may have changed while the client was away.
    this.deps.reviewSubscriptions.review(client);
    client.link.accept(isPresent); // [MQTT-3.2.0-1] [MQTT-3.2.2-2] [MQTT-3.2.2-3]
    client.session.attach(client.link);
    // Thousands may come in one turn of the event loop: too much for one transaction.
    this.deps.audit.seal();
  }

  private join(client: ConnectedClient): void {
    const { clients, counters } = this.deps.state;
    clients.set(client.session.clientId, client);
    counters.clientsMax = Math.max(counters.clientsMax, clients.size);
  }

  private refuse(
    reason: Refusal,
    actor: AuditActor,
    why?: Pick<AuditEvent, 'topic' | 'rule'>,
  ): { readonly refusal: ConnectRefusal } {
    const returnCode = REFUSALS[reason];
    this.deps.audit.refused('connection.refused', actor, { reason, ...why, details: { returnCode } });
    return { refusal: returnCode };
  }

  private refuseUnstored(client: ConnectedClient, wasPresent: boolean): ConnectOutcome {
    const { session, actor } = client;
    this.deps.endConnection.end(client, { end: 'lost', reason: 'store_unavailable' });
    if (!wasPresent)
      this.deps.endSession.end(session, { kind: 'session.deleted', reason: 'not_stored', actor });
    return this.refuse('store_unavailable', actor);
  }

  /**
   * Waits until the session and the connection's will are durable. The will of a clean session is stored
   * too, but nobody waits for it: such a client is served while the database is away.
   * @returns false when the database went away meanwhile.
   */
  private async store(
    { connection, session, actor, will }: ConnectedClient,
    isPresent: boolean,
  ): Promise<boolean> {
    const { audit, storage } = this.deps;
    const { sessions, wills } = storage;
    const { clientId } = session;
    if (session.durable) audit.record(isPresent ? 'session.resumed' : 'session.created', actor);
    const willStored = will === undefined ? undefined : wills.set(connection, { clientId, will });
    if (!session.durable) return true;
    const stored = Promise.all([sessions.ensure(session), willStored]);
    return await new Promise((resolve) => {
      const giveUp = (): void => resolve(false);
      this.storing.add(giveUp);
      void stored.then(() => {
        this.storing.delete(giveUp);
        resolve(true);
      });
    });
  }

  private giveUpStoring(): void {
    const waiting = [...this.storing];
    this.storing.clear();
    for (const giveUp of waiting) giveUp();
  }

  /** The id that the client sent, or a new one for a clean session without [MQTT-3.1.3-6] [MQTT-3.1.3-8]. */
  private clientIdOf(request: ConnectRequest): ClientId | undefined {
    if (request.clientId.length > 0)
      return parseClientId(request.clientId, this.deps.limits.clientIdBytesMax);
    return request.cleanSession ? this.deps.identifiers.newClientId() : undefined;
  }

  /** @returns who the client is, or the return code that refuses it. */
  private async authenticate(
    { userName, password, anonymousAllowed }: ConnectRequest,
    origin: AuditActor & { readonly clientId: ClientId },
    link: ClientLink,
  ): Promise<Applicant | { readonly refusal: ConnectRefusal }> {
    const { clientId } = origin;
    const { authentications } = this.deps.state.counters;
    const { remoteAddress, listener, certificate } = link;
    const isAwaited = (): boolean => link.isOpen;
    try {
      const credentials = {
        ...{ clientId, userName, password, anonymousAllowed },
        ...{ remoteAddress, listener, certificate, isAwaited },
      };
      const result = await this.deps.authenticator.authenticate(credentials);
      if ('refusal' in result) {
        const { refusal, authentication = NO_PROVIDER } = result;
        authentications.add(authentication, CREDENTIALS_REASONS[refusal]);
        return this.refuseCredentials(result, origin);
      }
      const { principal, authentication, expiresAtMs } = result;
      authentications.add(authentication, 'accepted');
      const actor = { ...origin, principal: principal.name, authentication };
      return { clientId, principal, actor, expiresAtMs };
    } catch (error) {
      // Whoever can't be checked is not let in.
      authentications.add(NO_PROVIDER, 'failed');
      this.deps.logger.error('authentication failed to decide', {
        clientId,
        remoteAddress,
        error: String(error),
      });
      return this.refuse('authenticator_failed', origin);
    }
  }

  /** The client learns the code alone; why, and who says so, is for the audit trail. */
  private refuseCredentials(
    { refusal, reason = CREDENTIALS_REASONS[refusal], authentication }: Refused,
    origin: AuditActor,
  ): { readonly refusal: ConnectRefusal } {
    const details = { returnCode: refusal };
    this.deps.audit.refused('connection.refused', { ...origin, authentication }, { reason, details });
    return { refusal };
  }

  /** Topics that belong to the server take no will either: it is left out, and counted. */
  private willOf({ will }: ConnectRequest): Will | undefined {
    if (will === undefined || !isServerTopic(will.message.topic)) return will;
    this.deps.state.counters.dropped.server_topic++;
    return undefined;
  }

  private willDecision(will: Will, access: AccessPolicy): AccessDecision {
    const decision = will.decision(access);
    this.deps.state.counters.authorizations.add('will', decision);
    return decision;
  }

  /** Why nobody can be let in, or not with such a session; undefined if that can be. */
  private unavailability(clientId: ClientId, { cleanSession }: ConnectRequest): Refusal | undefined {
    const { state, limits, storage } = this.deps;
    const { failure, isTrailFull } = storage.health;
    if (state.isStopping) return 'server_shutdown';
    // A clean session needs no store, but what it does has to be told to the audit trail some time.
    if (failure !== undefined && (!cleanSession || isTrailFull)) return 'store_unavailable';
    const isTooMany = state.sessions.size >= limits.sessionsMax && !state.sessions.has(clientId);
    return isTooMany ? 'too_many_sessions' : undefined;
  }

  /** The older connection of the same id ends, and publishes its will [MQTT-3.1.4-2]. */
  private takeOver(clientId: ClientId, actor: AuditActor): void {
    const { state, endConnection, audit } = this.deps;
    const older = state.clients.get(clientId);
    if (older === undefined) return;
    state.counters.takeovers++;
    audit.record('session.taken_over', { ...actor, session: older.actor.session });
    endConnection.cut(older, 'taken_over', 'taken-over');
  }

  private sessionFor(
    { clientId, actor }: Applicant,
    cleanSession: boolean,
  ): { session: Session; isPresent: boolean } {
    const { state, limits, endSession, storage } = this.deps;
    const stored = state.sessions.get(clientId);
    if (stored !== undefined && !cleanSession) return { session: stored, isPresent: true }; // [MQTT-3.1.2-4]
    if (stored !== undefined)
      endSession.end(stored, { kind: 'session.deleted', reason: 'clean_session', actor }); // [MQTT-3.1.2-6]
    const session = new Session({
      key: storage.sessions.newKey(),
      clientId,
      durable: !cleanSession,
      limits,
      counters: state.counters,
      store: this.deps.deliveryStore,
      onOverflow: this.onOverflow,
      traceReplay: this.traceReplay,
    });
    state.sessions.set(clientId, session);
    return { session, isPresent: false };
  }
}
