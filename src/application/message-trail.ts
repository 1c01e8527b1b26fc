import type { AuditActor } from '../domain/audit/audit-event.js';
import type { MessageLog, MessageOrigin } from '../domain/audit/message-log.js';
import {
  type DroppedOutcome,
  type Outcome,
  ReceiverTrace,
  TOLD,
  type TraceWitness,
} from '../domain/audit/receiver-trace.js';
import type { Message } from '../domain/message.js';
import type { QoS } from '../domain/qos.js';
import type { Delivery } from '../domain/session/delivery.js';
import type { TrimTelling } from '../domain/session/delivery-store.js';
import type { Session } from '../domain/session/session.js';
import { SubscriptionTrie } from '../domain/subscription/subscription-trie.js';
import type { TopicFilter } from '../domain/topic/topic-filter.js';
import type { TopicName } from '../domain/topic/topic-name.js';
import type { AuditTrail } from './ports/audit-trail.js';
import type { Clock } from './ports/clock.js';

/** Whose the messages are that the broker sends of itself. */
const NOBODY: AuditActor = {};

/** Follows the messages on topics that the configuration names: by whom, to whom, when, and what became of them. */
export class MessageTrail implements TraceWitness {
  readonly log: MessageLog;
  /** The filters, which match like subscriptions and are remembered by topic like them. */
  private filters = new SubscriptionTrie<MessageTrail>();

  constructor(
    private readonly trail: AuditTrail,
    private readonly clock: Clock,
    filters: readonly TopicFilter[],
  ) {
    this.log = trail.messages;
    this.setFilters(filters);
  }

  /** Follows messages on these topics, and no others, from now on. */
  setFilters(filters: readonly TopicFilter[]): void {
    this.filters = new SubscriptionTrie();
    for (const filter of filters) this.filters.add({ subscriber: this, filter, qos: 0 });
  }

  /** Whether any message is followed. */
  get isOn(): boolean {
    return this.filters.size > 0 && this.trail.isWritten;
  }

  /**
   * Begins to follow a message; those that it is for are named next, by `to`.
   * @returns its number; undefined when its topic isn't followed.
   */
  follow(message: Message, from: AuditActor, origin: MessageOrigin): number | undefined {
    if (!this.isFollowed(message.topic)) return undefined;
    const { topic, qos, retain } = message;
    return this.log.publish({ from, origin, topic, qos, retain, atMs: this.nowMs() }, message);
  }

  /** Follows the message to one of those that it is for. */
  to(session: Session, qos: QoS): ReceiverTrace {
    return new ReceiverTrace(this, session, this.log.address(session, qos));
  }

  /** The message has no entry in the journal. */
  published(): void {
    this.trail.published();
  }

  /** Begins to follow a retained message to a new subscriber; what is stored is told with its entry. */
  replaying(session: Session, message: Message, qos: QoS): ReceiverTrace | undefined {
    if (!this.isOn || this.follow(message, NOBODY, 'retained') === undefined) return undefined;
    if (qos === 0 || !session.isStored) this.published();
    return this.to(session, qos);
  }

  /** The number of the message that is being replayed and stored; undefined when it isn't followed. */
  replayOf({ trace }: Delivery): number | undefined {
    return trace === undefined ? undefined : this.log.next - 1;
  }

  /** Goes on following what was read back from the store. */
  resume(session: Session, deliveries: readonly Delivery[]): void {
    if (!this.isOn) return;
    for (const delivery of deliveries) {
      if (!this.isFollowed(delivery.message.topic)) continue;
      delivery.trace = new ReceiverTrace(this, session, TOLD);
      delivery.trace.owed(delivery.sequence);
    }
  }

  /** What a trim has to tell; undefined when nothing is followed. */
  trimOf({ clientId }: Session): TrimTelling | undefined {
    return this.isOn ? { clientId, atMs: this.nowMs() } : undefined;
  }

  nowMs(): number {
    return this.clock.turnMs();
  }

  delivered(outcome: Outcome): void {
    this.trail.delivered(outcome);
  }

  acknowledged(outcome: Outcome): void {
    this.trail.acknowledged(outcome);
  }

  dropped(outcome: DroppedOutcome): void {
    this.trail.dropped(outcome);
  }

  private isFollowed(topic: TopicName): boolean {
    return this.filters.match(topic).length > 0;
  }
}
