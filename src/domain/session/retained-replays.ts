import type { Message } from '../message.js';
import { lowerQos, type QoS } from '../qos.js';
import type { RetainedMessage } from '../retained/retained-message.js';
import type { Subscription } from '../subscription/subscription.js';

/** Retained messages handed out in one go, so that a wide filter doesn't hold up everybody else. */
const REPLAY_STEP_MESSAGES = 200;

/** Finds retained messages one by one; undefined stands for a step that found nothing yet. */
export type RetainedIterator = Iterator<RetainedMessage | undefined, void>;

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
  private readonly waiting: {
    readonly subscription: Subscription<S>;
    readonly messages: RetainedIterator;
  }[] = [];

  constructor(private readonly receiver: ReplayReceiver<S>) {}

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  add(subscription: Subscription<S>, messages: RetainedIterator): void {
    this.waiting.push({ subscription, messages });
  }

  /**
   * Hands out what comes next.
   * @returns why it stopped: at the `end`; for a `pause`, so that others get their turn; or as the receiver is `busy`.
   */
  goOn(): 'end' | 'pause' | 'busy' {
    for (let given = 0; given < REPLAY_STEP_MESSAGES; given++) {
      if (!this.receiver.isReady()) return 'busy';
      const outcome = this.giveNext();
      if (outcome !== 'given') return outcome;
    }
    return 'pause';
  }

  /** @returns `pause` after a long step in vain. */
  private giveNext(): 'given' | 'pause' | 'end' {
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      const { subscription, messages } = first;
      const step = this.receiver.isCurrent(subscription) ? messages.next() : undefined;
      if (step?.done === true) this.receiver.ended(subscription);
      if (step === undefined || step.done === true) this.waiting.shift();
      else if (step.value === undefined) return 'pause';
      else {
        const { message } = step.value;
        this.receiver.take(message, lowerQos(message.qos, subscription.qos));
        return 'given';
      }
    }
    return 'end';
  }
}
