import type { JournalEntry, OwedDelivery } from '../../../application/ports/delivery-journal.js';
import type { WillRow } from '../../../application/ports/will-store.js';
import type { ChainedRecord } from '../../../domain/audit/audit-chain.js';
import type { AuditEvent } from '../../../domain/audit/audit-event.js';
import type { ClientId } from '../../../domain/client-id.js';
import type { QoS } from '../../../domain/qos.js';
import type {
  ExpectedTrim,
  StoredSession,
  Trim,
  TrimTelling,
} from '../../../domain/session/delivery-store.js';
import type { TopicFilter } from '../../../domain/topic/topic-filter.js';
import { MESSAGE_ROWS, MessageOutcomes } from './message-outcomes.js';

/**
 * Rows and events that go into one transaction beside the entries, give or take those of one turn of the event loop:
 * to link and bind a thousand events holds everybody up for some 30 ms.
 */
const CHANGES_MAX = 256;
/** Bytes of such events: to link them they are hashed. */
const EVENT_BYTES_MAX = 1_048_576;

/** A session that is to be stored. */
export interface SessionRow {
  readonly clientId: ClientId;
  readonly createdAtMs: number;
}

/** Whether a session's client is there. */
export interface Presence {
  /** Milliseconds since the epoch; undefined while it is connected. */
  readonly disconnectedAtMs: number | undefined;
  /** The last sequence that was sent. */
  readonly sentThrough: number;
}

/** A subscription that is to be stored, or removed when it has no quality. */
export interface SubscriptionChange {
  readonly key: number;
  readonly filter: TopicFilter;
  readonly qos: QoS | undefined;
  /** Whether retained messages are still to be sent for it. */
  readonly isReplaying: boolean;
}

/** An event for the trail, and its place among all that were gathered since the start. */
export interface GatheredEvent {
  readonly order: number;
  readonly event: AuditEvent;
}

/** An entry, and its number among all since the start. */
export interface NumberedEntry {
  readonly number: number;
  readonly entry: JournalEntry;
  /** What it tells the audit trail. */
  readonly events: readonly GatheredEvent[] | undefined;
  /** Once it is taken for a transaction: which of its deliveries are written. */
  owed: readonly OwedDelivery[];
}

/** A change that removes what entries before it have added, and must not overtake them. */
interface Removal {
  /** The entries with lower numbers were gathered before it. */
  behindEntry: number;
}

/** Deliveries of one session that give way. */
export interface TrimChange extends Removal {
  readonly session: StoredSession;
  readonly after: number;
  through: number;
  expected: ExpectedTrim;
  /** What the audit trail is told of it. */
  readonly telling: TrimTelling | undefined;
}

/** Where a trim stands, and what is told of it. */
export type TrimOrigin = Pick<TrimChange, 'behindEntry' | 'telling'>;

/** A session that is removed with all that it holds. */
export interface EndedSession extends Removal {
  readonly key: number;
  /** What it tells the audit trail: it has to wait when the removal does. */
  readonly event: GatheredEvent | undefined;
}

/** A packet id of an incoming QoS 2 message. */
export interface ReceivedId extends Removal {
  readonly key: number;
  readonly packetId: number;
}

/**
 * Changes beside the entries, in their final form: of several changes to one thing the last stands.
 * None of them may be undone by an entry that was gathered before it and is committed after it.
 */
export class Changes {
  /** Whether somebody waits for them, who isn't served otherwise. */
  isUrgent = false;
  /** New sessions, by key. */
  readonly sessions = new Map<number, SessionRow>();
  /** By session key. */
  readonly presence = new Map<number, Presence>();
  /** By key and filter. */
  readonly subscriptions = new Map<string, SubscriptionChange>();
  /** Wills to store, or undefined to remove them; by connection. */
  readonly wills = new Map<number, WillRow | undefined>();
  /** Sequences of written deliveries that are owed no longer, by session key. */
  readonly settled = new Map<number, number[]>();
  /** The sequence up to which receivers have sent PUBREC for all, by session key. */
  readonly receivedThrough = new Map<number, number>();
  /** Sequences of deliveries whose receiver sent PUBREC while older ones wait for theirs, by session key. */
  readonly released = new Map<number, number[]>();
  readonly freedIds: ReceivedId[] = [];
  /** Actions from outside that the events tell of. */
  readonly takenActions: number[] = [];
  /** What happened: with the changes of the same turn, and never before them. */
  readonly events: GatheredEvent[] = [];
  /** What the events count for in the limit of what waits. */
  eventBytes = 0;
  readonly outcomes = new MessageOutcomes();
  trims: TrimChange[] = [];
  endedSessions: EndedSession[] = [];
  private readonly lastTrims = new Map<StoredSession, TrimChange>();
  private readonly waiters: (() => void)[] = [];

  get isEmpty(): boolean {
    return this.events.length === 0 && this.outcomes.count === 0 && !this.isChange;
  }

  /** Whether there is more to them than events. */
  get isChange(): boolean {
    const { sessions, presence, subscriptions, wills, settled, receivedThrough, released } = this;
    const kinds = [sessions, presence, subscriptions, wills, settled, receivedThrough, released];
    const lists = [this.freedIds, this.takenActions, this.waiters, this.trims, this.endedSessions];
    return kinds.some(({ size }) => size > 0) || lists.some(({ length }) => length > 0);
  }

  /** Whether they are enough for a transaction. */
  get isLarge(): boolean {
    const { sessions, presence, subscriptions, wills, events } = this;
    const rows = sessions.size + presence.size + subscriptions.size + wills.size + events.length;
    return rows + MESSAGE_ROWS * this.outcomes.count >= CHANGES_MAX || this.eventBytes >= EVENT_BYTES_MAX;
  }

  changeSubscription(change: SubscriptionChange): void {
    this.subscriptions.set(`${change.key}/${change.filter}`, change);
  }

  settle(key: number, sequence: number): void {
    pushTo(this.settled, key, sequence);
  }

  release(key: number, sequence: number): void {
    pushTo(this.released, key, sequence);
  }

  /** Trims that follow each other are taken together; what lies between others is still owed. */
  trim(
    session: StoredSession,
    { after, through, expected }: Trim,
    { behindEntry, telling }: TrimOrigin,
  ): void {
    const last = this.lastTrims.get(session);
    const isSameCause = last?.expected.isPurge === expected.isPurge;
    if (last?.through !== after || !isSameCause) {
      const trim = { session, after, through, expected, behindEntry, telling };
      this.trims.push(trim);
      this.lastTrims.set(session, trim);
      return;
    }
    last.through = through;
    last.behindEntry = behindEntry;
    last.expected = {
      ...expected,
      messages: last.expected.messages + expected.messages,
      bytes: last.expected.bytes + expected.bytes,
    };
  }

  /** Calls `waiter` when the changes are committed. */
  await(waiter: () => void): void {
    this.waiters.push(waiter);
    this.isUrgent = true;
  }

  committed(): void {
    for (const waiter of this.waiters) waiter();
  }

  /** Leaves to `later` the removals that have to wait for an entry from `firstWaiting` on. */
  postponeRemovals(later: Changes, firstWaiting = Infinity): void {
    const isLate = ({ behindEntry }: Removal): boolean => behindEntry > firstWaiting;
    later.trims.unshift(...this.trims.filter(isLate));
    later.endedSessions.unshift(...this.endedSessions.filter(isLate));
    this.trims = this.trims.filter((trim) => !isLate(trim));
    this.endedSessions = this.endedSessions.filter((ended) => !isLate(ended));
  }
}

/** What goes into one transaction. */
export interface Batch {
  /** Of the batch; told by the database after a commit whose outcome was lost. */
  readonly number: number;
  /** The highest number that a session had when it was taken. */
  readonly sessionKey: number;
  /** Those that change rows. */
  readonly entries: readonly NumberedEntry[];
  /** All that are told when it is committed. */
  readonly awaiting: readonly NumberedEntry[];
  readonly changes: Changes;
  /** The end of the audit trail: what happened, in order. */
  readonly records: readonly ChainedRecord[];
}

function pushTo(lists: Map<number, number[]>, key: number, sequence: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [sequence]);
  else list.push(sequence);
}
