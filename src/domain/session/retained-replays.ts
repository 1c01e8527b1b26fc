import type { Message } from '../message.js';
import type { QoS } from '../qos.js';
import type { RetainedMessage } from '../retained/retained-message.js';
import type { Subscription } from '../subscription/subscription.js';

/** Retained messages handed out in one go, so that a wide filter doesn't hold up everybody else. */
export const REPLAY_STEP_MESSAGES = 200;

/** Finds retained messages one by one; undefined stands for a step that found nothing yet. */
export type RetainedIterator = Iterator<RetainedMessage | undefined, void>;

/** A retained message, and the quality that its subscription grants. */
export interface ReplayedMessage {
  readonly message: Message;
  readonly granted: QoS;
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

  /**
   * @param isCurrent Whether a subscription still stands: the replay of one that doesn't ends [MQTT-3.10.4-2].
   * @param ended Is told when all messages for a subscription were given.
   */
  constructor(
    private readonly isCurrent: (subscription: Subscription<S>) => boolean,
    private readonly ended: (subscription: Subscription<S>) => void,
  ) {}

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  add(subscription: Subscription<S>, messages: RetainedIterator): void {
    this.waiting.push({ subscription, messages });
  }

  /** The next message; `pause` after a long step in vain, `end` when there is no more. */
  next(): ReplayedMessage | 'pause' | 'end' {
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      const { subscription, messages } = first;
      const step = this.isCurrent(subscription) ? messages.next() : undefined;
      if (step?.done === true) this.ended(subscription);
      if (step === undefined || step.done === true) this.waiting.shift();
      else if (step.value === undefined) return 'pause';
      else return { message: step.value.message, granted: subscription.qos };
    }
    return 'end';
  }
}
