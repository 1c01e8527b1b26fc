import type { AuditActor } from '../domain/audit/audit-event.js';
import {
  type MessageOrigin,
  MessageTrace,
  type OutcomeKind,
  ReceiverTrace,
  type TraceWitness,
} from '../domain/audit/message-trace.js';
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
import type { Digest } from './ports/digest.js';

/** Whose the messages are that the broker sends of itself. */
const NOBODY: AuditActor = {};

/** Follows the messages on topics that the configuration names: by whom, to whom, when, and what became of them. */
export class MessageTrail implements TraceWitness {
  /** The filters, which match like subscriptions and are remembered by topic like them. */
  private readonly filters = new SubscriptionTrie<MessageTrail>();
  /** A message that an earlier run or an earlier page has told. */
  private readonly told: { readonly isTold: true; readonly witness: TraceWitness } = {
    isTold: true,
    witness: this,
  };

  constructor(
    private readonly trail: AuditTrail,
    private readonly clock: Clock,
    private readonly digest: Digest,
    filters: readonly TopicFilter[],
  ) {
    for (const filter of filters) this.filters.add({ subscriber: this, filter, qos: 0 });
  }

  /** Whether any message is followed. */
  get isOn(): boolean {
    return this.filters.size > 0 && this.trail.isWritten;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  outcome(kind: OutcomeKind, receiver: ReceiverTrace): void {
    this.trail.outcome(kind, receiver);
  }

  /** Begins to follow a message. @returns undefined when its topic isn't followed. */
  follow(message: Message, from: AuditActor, origin: MessageOrigin): MessageTrace | undefined {
    if (!this.isFollowed(message.topic)) return undefined;
    const { topic, qos, retain, payloadLength: bytes } = message;
    const sha256 = this.digest.sha256Text(message.payload);
    return new MessageTrace({ from, origin, topic, qos, retain, bytes, sha256, atMs: this.nowMs() }, this);
  }

  /** A message was published with which nothing else becomes durable. */
  published(trace: MessageTrace): void {
    this.trail.published(trace);
  }

  /** Begins to follow a retained message to a new subscriber; what is stored is told by `replayOf` instead. */
  replaying(session: Session, message: Message, qos: QoS): ReceiverTrace | undefined {
    if (!this.isOn) return undefined;
    const trace = this.follow(message, NOBODY, 'retained');
    if (trace === undefined) return undefined;
    if (qos === 0 || !session.isStored) this.published(trace);
    return trace.to(session, qos);
  }

  /** What is told of a replay that is being stored. */
  replayOf({ trace }: Delivery): MessageTrace | undefined {
    return trace instanceof ReceiverTrace && trace.trace instanceof MessageTrace ? trace.trace : undefined;
  }

  /** Goes on following what was read back from the store. */
  resume(session: Session, deliveries: readonly Delivery[]): void {
    if (!this.isOn) return;
    for (const delivery of deliveries) {
      if (!this.isFollowed(delivery.message.topic)) continue;
      const trace = new ReceiverTrace(this.told, session, delivery.qos);
      trace.owed(delivery.sequence);
      delivery.trace = trace;
    }
  }

  /** What a trim has to tell; undefined when nothing is followed. */
  trimOf({ clientId }: Session): TrimTelling | undefined {
    return this.isOn ? { clientId, atMs: this.nowMs() } : undefined;
  }

  private isFollowed(topic: TopicName): boolean {
    return this.filters.match(topic).length > 0;
  }
}
