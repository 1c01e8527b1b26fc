import type { Principal } from '../../domain/access/principal.js';
import type { ClientId } from '../../domain/client-id.js';
import type { RetainedMessage } from '../../domain/retained/retained-message.js';
import type { Session } from '../../domain/session/session.js';
import type { Subscription } from '../../domain/subscription/subscription.js';
import { filterMatches } from '../../domain/topic/topic-matching.js';
import type { TopicName } from '../../domain/topic/topic-name.js';
import type { BrokerState } from '../broker-state.js';
import type { ConnectedClient } from '../connected-client.js';
import type { ClientView, Place, RetainedView, SessionView, Step, SubscriptionView } from './views.js';

/** Which clients are asked for; what is absent does not matter. */
export interface ClientQuery {
  /** What the client id begins with. */
  readonly prefix?: string | undefined;
  readonly principal?: string | undefined;
  readonly address?: string | undefined;
}

export interface SessionQuery {
  readonly prefix?: string | undefined;
  readonly connected?: boolean | undefined;
  readonly durable?: boolean | undefined;
  /** The fewest messages that wait in it. */
  readonly queuedMin?: number | undefined;
}

export interface SubscriptionQuery {
  readonly clientId?: string | undefined;
  /** The filter itself, character for character. */
  readonly filter?: string | undefined;
  /** A topic that the filter matches. */
  readonly topic?: string | undefined;
}

export interface RetainedQuery {
  /** A filter that the topic matches. */
  readonly filter?: string | undefined;
}

/** Where to go on, and how many to find at most. */
export interface WalkRange {
  readonly after: Place;
  readonly limit: number;
}

/** So many entries one step looks at: it holds up the broker for a few milliseconds at most. */
const LOOKED_AT_MAX = 2000;

/**
 * Lists what the broker holds, in steps that are short however much that is. The order is that in which things came to
 * be, so that a walk meets everything that is there from its beginning to its end exactly once, whatever comes and goes.
 */
export class BrowseState {
  constructor(private readonly state: BrokerState) {}

  clients({ prefix = '', principal, address }: ClientQuery, { after, limit }: WalkRange): Step<ClientView> {
    return walk(
      this.state.clients.after(after.number),
      limit,
      ({ connection }) => connection,
      (client) => {
        const view = clientView(client);
        const isWanted =
          view.clientId.startsWith(prefix) &&
          (principal === undefined || view.principal === principal) &&
          (address === undefined || view.address === address);
        return client.isAccepted && isWanted ? view : undefined;
      },
    );
  }

  /** Who a connected client has proved to be; undefined when no such client is connected. */
  principal(clientId: string): Principal | undefined {
    return this.state.clients.get(clientId as ClientId)?.principal;
  }

  client(clientId: string): ClientView | undefined {
    const client = this.state.clients.get(clientId as ClientId);
    return client?.isAccepted === true ? clientView(client) : undefined;
  }

  sessions(
    { prefix = '', connected, durable, queuedMin = 0 }: SessionQuery,
    { after, limit }: WalkRange,
  ): Step<SessionView> {
    return walk(
      this.state.sessions.after(after.number),
      limit,
      ({ key }) => key,
      (session) => {
        const isWanted =
          session.clientId.startsWith(prefix) &&
          (connected === undefined || isConnected(session) === connected) &&
          (durable === undefined || session.durable === durable) &&
          session.waitingCount >= queuedMin;
        return isWanted ? sessionView(session) : undefined;
      },
    );
  }

  session(clientId: string): SessionView | undefined {
    const session = this.state.sessions.get(clientId as ClientId);
    return session && sessionView(session);
  }

  subscriptions(query: SubscriptionQuery, { after, limit }: WalkRange): Step<SubscriptionView> {
    const items: SubscriptionView[] = [];
    let lookedAt = 0;
    for (const session of this.sessionsFrom(query, after)) {
      const { clientId, key: number, subscriptions } = session;
      const behind = number === after.number ? after.name : undefined;
      const found = wantedFilters(session, query, behind).slice(0, limit - items.length);
      for (const { filter, qos } of found) items.push({ clientId, filter, qos });
      if (items.length >= limit) return { items, next: { number, name: found.at(-1)?.filter } };
      lookedAt += 1 + subscriptions.size;
      if (lookedAt >= LOOKED_AT_MAX) return { items, next: { number: number + 1 } };
    }
    return { items, next: undefined };
  }

  retained({ filter = '#' }: RetainedQuery, { after, limit }: WalkRange): Step<RetainedView> {
    const listed = this.state.retained.after(after.number);
    return walk(
      listed,
      limit,
      ({ number }) => number,
      ({ retained }) =>
        filter === '#' || filterMatches(filter, retained.message.topic) ? retainedView(retained) : undefined,
    );
  }

  retainedMessage(topic: TopicName): RetainedView | undefined {
    const retained = this.state.retained.get(topic);
    return retained && retainedView(retained);
  }

  /** The session where the walk stands may have filters that weren't listed yet. */
  private sessionsFrom({ clientId }: SubscriptionQuery, after: Place): Iterable<Session> {
    if (clientId === undefined) return this.state.sessions.after(after.number - 1);
    const session = this.state.sessions.get(clientId as ClientId);
    return session === undefined || session.key < after.number ? [] : [session];
  }
}

/** @param viewOf Gives undefined for what isn't asked for. */
function walk<S, T>(
  sources: Iterable<S>,
  limit: number,
  numberOf: (source: S) => number,
  viewOf: (source: S) => T | undefined,
): Step<T> {
  const items: T[] = [];
  let lookedAt = 0;
  for (const source of sources) {
    const view = viewOf(source);
    if (view !== undefined) items.push(view);
    lookedAt++;
    if (items.length >= limit || lookedAt >= LOOKED_AT_MAX)
      return { items, next: { number: numberOf(source) } };
  }
  return { items, next: undefined };
}

/** In the order of their text, behind a given one: a place that stays though others come and go. */
function wantedFilters(
  { subscriptions }: Session,
  { filter: wanted, topic }: SubscriptionQuery,
  behind = '',
): Subscription<Session>[] {
  const found = [...subscriptions.values()].filter(
    ({ filter }) =>
      filter > behind &&
      (wanted === undefined || filter === wanted) &&
      (topic === undefined || filterMatches(filter, topic)),
  );
  return found.sort((a, b) => (a.filter < b.filter ? -1 : 1));
}

function clientView({ principal, session, link }: ConnectedClient): ClientView {
  return {
    clientId: session.clientId,
    principal: principal.name,
    address: link.remoteAddress,
    listener: link.listener,
    connectedAtMs: link.openedAtMs,
    keepAliveSeconds: link.keepAliveMs / 1000,
    cleanSession: !session.durable,
    ...amounts(session),
    outboxBytes: link.waitingBytes,
  };
}

function sessionView(session: Session): SessionView {
  const { clientId, key, durable, disconnectedAtMs } = session;
  const connected = isConnected(session);
  return { clientId, key, durable, connected, disconnectedAtMs, ...amounts(session) };
}

function amounts({ subscriptions, owedCount, waitingCount, waitingBytes }: Session) {
  return {
    subscriptions: subscriptions.size,
    inflight: owedCount - waitingCount,
    queuedMessages: waitingCount,
    queuedBytes: waitingBytes,
  };
}

function isConnected({ disconnectedAtMs }: Session): boolean {
  return disconnectedAtMs === undefined;
}

function retainedView({ message, publishedAtMs }: RetainedMessage): RetainedView {
  return { topic: message.topic, qos: message.qos, publishedAtMs, payload: message.payload };
}
