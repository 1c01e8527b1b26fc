import type { Principal } from '../domain/access/principal.js';
import { type ClientId, parseClientId } from '../domain/client-id.js';
import { ConnectCode, type ConnectRefusal } from '../domain/connect-code.js';
import type { ConnectRequest } from '../domain/connect-request.js';
import type { DeliveryStore } from '../domain/session/delivery-store.js';
import { Session } from '../domain/session/session.js';
import { isServerTopic } from '../domain/topic/topic-name.js';
import type { Will } from '../domain/will/will.js';
import type { BrokerState } from './broker-state.js';
import { ConnectedClient } from './connected-client.js';
import type { EndConnection } from './end-connection.js';
import type { EndSession } from './end-session.js';
import type { Limits } from './limits.js';
import type { Authenticator } from './ports/authenticator.js';
import type { ClientLink } from './ports/client-link.js';
import type { IdentifierSource } from './ports/identifier-source.js';
import type { Logger } from './ports/logger.js';
import type { PolicySource } from './ports/policy-source.js';
import type { Storage } from './ports/storage.js';

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
  readonly logger: Logger;
}

/** A CONNECT from a client. */
export class ConnectClient {
  /** Ends the waiting of those whose session is being stored. */
  private readonly storing = new Set<() => void>();

  constructor(private readonly deps: ConnectDependencies) {
    deps.storage.health.onFailure(() => this.giveUpStoring());
  }

  /** Lets a client in, with its session old or new; CONNACK 0 is sent before the promise resolves. */
  async connect(request: ConnectRequest, link: ClientLink): Promise<ConnectOutcome> {
    const clientId = this.clientIdOf(request);
    if (clientId === undefined) return { refusal: ConnectCode.identifierRejected };
    const authentication = await this.authenticate(request, clientId, link);
    if ('refusal' in authentication) return authentication;
    if (!link.isOpen) return { gone: true };
    if (this.deps.state.isStopping) return { refusal: ConnectCode.serverUnavailable };
    const { principal } = authentication;
    const access = this.deps.policies.policyFor(principal, clientId);
    const will = this.willOf(request);
    if (will !== undefined && !access.mayPublish(will.message)) return { refusal: ConnectCode.notAuthorized };
    if (this.isUnavailable(clientId, request)) return { refusal: ConnectCode.serverUnavailable };

    this.takeOver(clientId);
    const { session, isPresent } = this.sessionFor(clientId, request.cleanSession);
    const client = new ConnectedClient(this.deps.state.nextConnection++, session, link, {
      principal,
      access,
      will,
    });
    this.deps.state.clients.set(clientId, client);
    if (!(await this.store(client))) return this.refuseUnstored(client, isPresent);
    if (client.hasEnded) return { gone: true };
    if (!link.isOpen) {
      this.deps.endConnection.end(client, 'lost');
      return { gone: true };
    }
    client.isAccepted = true;
    this.deps.state.counters.connectsAccepted++;
    link.accept(isPresent); // [MQTT-3.2.0-1] [MQTT-3.2.2-2] [MQTT-3.2.2-3]
    session.attach(link);
    return { client };
  }

  private refuseUnstored(client: ConnectedClient, wasPresent: boolean): ConnectOutcome {
    this.deps.endConnection.end(client, 'lost');
    if (!wasPresent) this.deps.endSession.end(client.session);
    return { refusal: ConnectCode.serverUnavailable };
  }

  /**
   * Waits until the session and the connection's will are durable. The will of a clean session is stored
   * too, but nobody waits for it: such a client is served while the database is away.
   * @returns false when the database went away meanwhile.
   */
  private async store({ connection, session, will }: ConnectedClient): Promise<boolean> {
    const { sessions, wills } = this.deps.storage;
    const { clientId } = session;
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

  private async authenticate(
    request: ConnectRequest,
    clientId: ClientId,
    link: ClientLink,
  ): Promise<{ readonly principal: Principal } | { readonly refusal: ConnectRefusal }> {
    const { userName, password, anonymousAllowed } = request;
    const { remoteAddress } = link;
    try {
      const credentials = { clientId, userName, password, remoteAddress, anonymousAllowed };
      return await this.deps.authenticator.authenticate(credentials);
    } catch (error) {
      // Whoever can't be checked is not let in.
      this.deps.logger.error('authentication failed to decide', {
        clientId,
        remoteAddress,
        error: String(error),
      });
      return { refusal: ConnectCode.notAuthorized };
    }
  }

  /** Topics that belong to the server take no will either: it is left out, and counted. */
  private willOf({ will }: ConnectRequest): Will | undefined {
    if (will === undefined || !isServerTopic(will.message.topic)) return will;
    this.deps.state.counters.dropped.server_topic++;
    return undefined;
  }

  /** Over the limit of sessions, or a session that should be stored while there is no store for it. */
  private isUnavailable(clientId: ClientId, { cleanSession }: ConnectRequest): boolean {
    const { state, limits, storage } = this.deps;
    if (!cleanSession && storage.health.failure !== undefined) return true;
    return state.sessions.size >= limits.sessionsMax && !state.sessions.has(clientId);
  }

  /** The older connection of the same id ends, and publishes its will [MQTT-3.1.4-2]. */
  private takeOver(clientId: ClientId): void {
    const { state, endConnection } = this.deps;
    const older = state.clients.get(clientId);
    if (older === undefined) return;
    state.counters.takeovers++;
    endConnection.end(older, 'taken-over');
    older.link.close('taken_over');
  }

  private sessionFor(clientId: ClientId, cleanSession: boolean): { session: Session; isPresent: boolean } {
    const { state, limits, endSession } = this.deps;
    const stored = state.sessions.get(clientId);
    if (stored !== undefined && !cleanSession) return { session: stored, isPresent: true }; // [MQTT-3.1.2-4]
    if (stored !== undefined) endSession.end(stored); // [MQTT-3.1.2-6]
    const { counters } = state;
    const { deliveryStore: store } = this.deps;
    const session = new Session({
      key: state.nextSessionKey++,
      clientId,
      durable: !cleanSession,
      limits,
      counters,
      store,
    });
    state.sessions.set(clientId, session);
    return { session, isPresent: false };
  }
}
