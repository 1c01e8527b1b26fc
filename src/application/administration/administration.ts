import type { AuditActor, AuditDetails } from '../../domain/audit/audit-event.js';
import type { ClientId } from '../../domain/client-id.js';
import type { Counters } from '../../domain/counters.js';
import type { TopicName } from '../../domain/topic/topic-name.js';
import type { AuditFacts, AuditRecorder } from '../audit-recorder.js';
import type { BrokerState } from '../broker-state.js';
import type { ConnectedClient } from '../connected-client.js';
import type { EndConnection } from '../end-connection.js';
import type { EndSession } from '../end-session.js';
import type { Limits } from '../limits.js';
import { type AdminCaller, callerDetails } from '../ports/admin-caller.js';
import type { Storage } from '../ports/storage.js';
import type { RouteMessage } from '../route-message.js';
import { AwaitedPublication } from './awaited-publication.js';
import { BrowseQueue } from './browse-queue.js';
import { BrowseState, type RetainedQuery, type WalkRange } from './browse-state.js';
import {
  PublishForAdministrator,
  type PublishOutcome,
  type PublishRequest,
} from './publish-for-administrator.js';
import type { Change, Place, QueuedView, Step } from './views.js';

export type { ManageBans } from './manage-bans.js';
export type { ManageRoles } from './manage-roles.js';
export type { ManageUsers } from './manage-users.js';
export type { Change, Place, PublishOutcome, PublishRequest, QueuedView, Step, WalkRange };
export type { ClientView, RetainedView, SessionView, SubscriptionView } from './views.js';

/** Why a call was refused before it was looked at. */
export type AdminRefusal = 'no_token' | 'unknown_token' | 'missing_scope';

/** What `Administration` works with. */
export interface AdministrationDependencies {
  readonly state: BrokerState;
  readonly limits: Limits & { readonly packetBytesMax: number };
  readonly storage: Storage;
  readonly router: RouteMessage;
  readonly endConnection: EndConnection;
  readonly endSession: EndSession;
  readonly audit: AuditRecorder;
}

/** A reading of how the broker does. */
export interface BrokerStatus {
  /** Why changes can't be made durable at the moment; undefined when they can. */
  readonly storeFailure: string | undefined;
  readonly storage: string;
  readonly connections: number;
  readonly sessions: number;
  readonly subscriptions: number;
  readonly retainedMessages: number;
  readonly retainedBytes: number;
  /** Topic and payload bytes that wait to be committed. */
  readonly journalPendingBytes: number;
  readonly commits: number;
  readonly isAudited: boolean;
  /** The number of the last durable record of the audit trail. */
  readonly auditSequence: number;
  readonly counters: Counters;
}

/** What a change concerns. */
export interface ChangeFacts extends Pick<AuditFacts, 'topic' | 'details'> {
  readonly clientId?: string;
}

/** Retained messages that one step clears at most. */
const CLEARED_MAX = 200;

/**
 * All that an operator may ask of a running broker: the way in for the admin API. Who changes something is told to the
 * audit trail in the turn in which the change is gathered, so that both become durable together.
 */
export class Administration {
  readonly browse: BrowseState;
  private readonly queues: BrowseQueue;
  private readonly publisher: PublishForAdministrator;

  constructor(private readonly deps: AdministrationDependencies) {
    const { state, storage, router, limits, audit } = deps;
    this.browse = new BrowseState(state);
    this.queues = new BrowseQueue(storage.backlogReader);
    this.publisher = new PublishForAdministrator(state, router, limits, audit);
  }

  /** Why changes can't be made durable at the moment; undefined when they can. */
  get storeFailure(): string | undefined {
    return this.deps.storage.health.failure;
  }

  status(): BrokerStatus {
    const { state, storage } = this.deps;
    const { pendingBytes, commits } = storage.figures();
    return {
      storeFailure: storage.health.failure,
      storage: storage.description,
      connections: state.clients.size,
      sessions: state.sessions.size,
      subscriptions: state.subscriptions.size,
      retainedMessages: state.retained.size,
      retainedBytes: state.retained.bytes,
      journalPendingBytes: pendingBytes,
      commits,
      isAudited: storage.trail.isWritten,
      auditSequence: storage.trail.head.sequence,
      counters: state.counters,
    };
  }

  /** Ends a client's connection; its will is published. @returns undefined when it isn't connected. */
  disconnect(clientId: string, caller: AdminCaller): Change | undefined {
    const client = this.deps.state.clients.get(clientId as ClientId);
    if (client === undefined) return undefined;
    const change = this.changed('client.disconnect', caller, { clientId });
    this.close(client);
    return change;
  }

  /** Ends a session with all that it holds, and its connection before. @returns undefined when there is none. */
  deleteSession(clientId: string, caller: AdminCaller): Change | undefined {
    const { state, endSession } = this.deps;
    const session = state.sessions.get(clientId as ClientId);
    if (session === undefined) return undefined;
    const change = this.changed('session.delete', caller, { clientId });
    const client = state.clients.get(session.clientId);
    if (client !== undefined) this.close(client);
    // That of a client without a durable session has ended with its connection.
    if (state.sessions.get(session.clientId) === session)
      endSession.end(session, { kind: 'session.deleted', reason: 'administrator', actor: actorOf(caller) });
    return change;
  }

  /** What a session owes its client; undefined when there is no such session. */
  async queue(clientId: string, range: WalkRange): Promise<Step<QueuedView> | undefined> {
    const session = this.deps.state.sessions.get(clientId as ClientId);
    return session && this.queues.browse(session, range);
  }

  /** Throws away what waits for a client and was never sent. @returns undefined when there is no such session. */
  purgeQueue(clientId: string, caller: AdminCaller): (Change & { readonly messages: number }) | undefined {
    const session = this.deps.state.sessions.get(clientId as ClientId);
    if (session === undefined) return undefined;
    const details = { messages: session.waitingCount };
    const change = this.changed('queue.purge', caller, { clientId, details });
    return { ...change, messages: session.purge() };
  }

  /** Subscribers are told nothing. @returns undefined when the topic has no retained message. */
  clearRetained(topic: TopicName, caller: AdminCaller): Change | undefined {
    if (this.deps.state.retained.get(topic) === undefined) return undefined;
    this.changed('retained.clear', caller, { topic });
    return { durable: this.clear(topic, caller) };
  }

  /** Clears some of the retained messages that a filter matches. @returns how many, and where to go on: a place in a walk. */
  clearMatching(
    { filter = '#' }: RetainedQuery,
    after: Place,
    caller: AdminCaller,
  ): Change & { readonly cleared: number; readonly next: Place | undefined } {
    const { items, next } = this.browse.retained({ filter }, { after, limit: CLEARED_MAX });
    const details = { messages: items.length };
    if (items.length > 0) this.changed('retained.clear', caller, { topic: filter, details });
    const cleared = items.map(({ topic }) => this.clear(topic as TopicName, caller));
    return { cleared: cleared.length, next, durable: Promise.all(cleared).then(() => undefined) };
  }

  publish(request: PublishRequest, caller: AdminCaller): PublishOutcome {
    const { topic, qos, retain, payload } = request;
    const details = toldOf('publish', caller, { qos, retain, bytes: payload.length });
    return this.publisher.publish(request, actorOf(caller), { topic, details });
  }

  /** Tells who changes something, in the turn of the change: both become durable together. */
  changed(action: string, caller: AdminCaller, { clientId, topic, details }: ChangeFacts = {}): Change {
    const facts = { topic, details: toldOf(action, caller, details) };
    return { durable: this.deps.audit.commit('admin.action', { ...actorOf(caller), clientId }, facts) };
  }

  /** A call was refused. Whoever calls again and again is counted in one record. */
  refused(
    reason: AdminRefusal,
    actor: Pick<AuditActor, 'principal' | 'authentication' | 'address' | 'listener'>,
  ): void {
    this.deps.audit.refused('admin.refused', actor, { reason });
  }

  private close(client: ConnectedClient): void {
    this.deps.endConnection.cut(client, 'administrator');
  }

  private clear(topic: TopicName, caller: AdminCaller): Promise<void> {
    const { state, storage, audit } = this.deps;
    state.retained.clear(topic);
    const publication = new AwaitedPublication(topic.length);
    publication.retained = { clear: topic };
    audit.tell(publication, 'retained.cleared', actorOf(caller), { reason: 'administrator', topic });
    storage.journal.append(publication);
    return publication.durable;
  }
}

/** Who did something, without the request by which it was done. */
function actorOf({ principal, authentication, address, listener }: AdminCaller): AuditActor {
  return { principal, authentication, address, listener };
}

/** What the record of an action tells beside who did it. */
function toldOf(action: string, caller: AdminCaller, details: AuditDetails = {}): AuditDetails {
  return { action, ...callerDetails(caller), ...details };
}
