import { Ledger } from './ledger.js';
import type { Surroundings } from './persistent-client.js';
import { type Stream, TOPICS, topicOf } from './stream.js';
import { Subscriber } from './subscriber.js';

/** How a listener behaves while messages stream. */
export type Habit = 'online' | 'offline' | 'flapping';

export interface ListenerTraits {
  readonly name: string;
  readonly habit: Habit;
  readonly grantedQos: 1 | 2;
  readonly ackDelayMs: number;
  /** The topics that it subscribes to, by number. */
  readonly topics: readonly number[];
}

/** A subscriber to streams, with the ledger of what it has got. */
export class Listener {
  readonly subscriber: Subscriber;
  readonly ledger: Ledger;
  isSubscribed = false;

  constructor(
    private readonly prefix: string,
    surroundings: Surroundings,
    readonly traits: ListenerTraits,
  ) {
    const name = `${prefix}-sub-${traits.name}`;
    this.ledger = new Ledger(name);
    this.subscriber = new Subscriber(name, surroundings, {
      ackDelayMs: traits.ackDelayMs,
      onMessage: ({ source, number, qos }) =>
        this.ledger.record(source, number, qos, flowOf(source, number, qos)),
    });
  }

  subscribe(): void {
    const { topics, grantedQos } = this.traits;
    const filters =
      topics.length === TOPICS
        ? [`${this.prefix}/stream/#`]
        : topics.map((topic) => topicOf(this.prefix, topic));
    this.subscriber.subscribe(filters, grantedQos, () => (this.isSubscribed = true));
  }

  expects(number: number): boolean {
    return this.traits.topics.includes(number % TOPICS);
  }

  /** How many of the stream's messages it should have got. */
  expectedCount({ sent }: Stream): number {
    return this.traits.topics.reduce((sum, topic) => sum + Math.ceil(Math.max(0, sent - topic) / TOPICS), 0);
  }

  hasAll(streams: readonly Stream[]): boolean {
    return streams.every((stream) => this.ledger.countOf(stream.source) >= this.expectedCount(stream));
  }

  /** Acknowledged messages that it has not got, by number. */
  missing(stream: Stream): number[] {
    const missing: number[] = [];
    for (let number = 0; number < stream.sent; number++) {
      if (!this.expects(number) || !stream.acked.has(number)) continue;
      if (!this.ledger.has(stream.source, number)) missing.push(number);
    }
    return missing;
  }
}

/** Messages of one source, topic and QoS keep their order; flows are told apart by a small number. */
function flowOf(source: number, number: number, qos: number): number {
  return (source * TOPICS + (number % TOPICS)) * 3 + qos;
}
