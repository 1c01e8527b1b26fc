import type { Message } from '../message.js';
import { lowerQos, type QoS } from '../qos.js';
import type { RetainedMessage } from '../retained/retained-message.js';
import type { Subscription } from '../subscription/subscription.js';
import type { TopicFilter } from '../topic/topic-filter.js';

/** Retained messages and subscriptions without any that are seen to in one go, so that nobody else is held up. */
const STEPS_IN_A_ROW = 200;

/** Finds retained messages one by one; undefined stands for a step that found nothing yet. */
export type RetainedIterator = Iterator<RetainedMessage | undefined, void>;

/** Where the retained messages are that a filter matches. */
export type RetainedFinder = (filter: TopicFilter) => RetainedIterator;

/** What a subscription is still to get. */
interface Replay<S> {
  readonly subscription: Subscription<S>;
  readonly messages: RetainedIterator;
}

/** Whose replays they are. */
export interface ReplayReceiver<S> {
  /** Whether a subscription still stands: the replay of one that doesn't ends [MQTT-3.10.4-2]. */
  isCurrent(subscription: Subscription<S>): boolean;
  /** Whether the next message can go out at once. */
  isReady(): boolean;
  take(message: Message, qos: QoS): void;
  /** All messages for a subscription were given. */
  ended(subscription: Subscription<S>): void;
}

/**
 * The retained messages that new subscriptions of a session are still to get. They are drawn from their
 * source one at a time, so that a wide filter takes no memory and holds nobody up.
 */
export class RetainedReplays<S> {
  private readonly waiting: Replay<S>[] = [];

  constructor(private readonly receiver: ReplayReceiver<S>) {}

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  add(subscriptions: readonly Subscription<S>[], find: RetainedFinder): void {
    for (const subscription of subscriptions)
      this.waiting.push({ subscription, messages: find(subscription.filter) });
  }

  /**
   * Hands out what comes next.
   * @returns why it stopped: at the `end`; for a `pause`, so that others get their turn; or as the receiver is `busy`.
   */
  goOn(): 'end' | 'pause' | 'busy' {
    for (let steps = 0; steps < STEPS_IN_A_ROW; steps++) {
      const [first] = this.waiting;
      if (first === undefined) return 'end';
      if (!this.receiver.isReady()) return 'busy';
      if (this.step(first) === 'in vain') return 'pause';
    }
    return 'pause';
  }

  /** Gives the next message of a subscription, or has done with it. */
  private step({ subscription, messages }: Replay<S>): 'given' | 'ended' | 'in vain' {
    const step = this.receiver.isCurrent(subscription) ? messages.next() : undefined;
    if (step === undefined || step.done === true) {
      this.waiting.shift();
      if (step !== undefined) this.receiver.ended(subscription);
      return 'ended';
    }
    if (step.value === undefined) return 'in vain';
    const { message } = step.value;
    this.receiver.take(message, lowerQos(message.qos, subscription.qos));
    return 'given';
  }
}
