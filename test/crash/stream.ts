import { Counts } from './ledger.js';
import { STAMP_BYTES, type TestMessage } from './packets.js';
import type { Surroundings } from './persistent-client.js';
import { Publisher } from './publisher.js';
import type { Random } from './random.js';

/** How the publishers of an era go about it; each publishes to all topics in turn. */
const HABITS = [
  { qos: 1, windowMax: Infinity, reusesIds: false },
  { qos: 2, windowMax: Infinity, reusesIds: true },
  { qos: 'mixed', windowMax: Infinity, reusesIds: false },
  { qos: 'mixed', windowMax: 200, reusesIds: true },
  // The id of a message means the next one as soon as PUBCOMP has come.
  { qos: 2, windowMax: 1, reusesIds: true },
] as const;
export const STREAMS = HABITS.length;
export const TOPICS = 3;

/** One publisher with a steady stream of numbered messages, and what the broker has taken on of it. */
export class Stream {
  readonly publisher: Publisher;
  readonly acked = new Counts();
  /** Messages published so far, acknowledged or not. */
  sent = 0;
  /** It publishes up to this number. */
  limit = 0;
  private readonly payloadBytes: number;
  private readonly qos: 1 | 2 | 'mixed';

  constructor(
    readonly source: number,
    private readonly prefix: string,
    surroundings: Surroundings,
    options: { readonly window: number; readonly random: Random },
  ) {
    const { qos, windowMax, reusesIds } = HABITS[source] ?? HABITS[0];
    this.qos = qos;
    this.payloadBytes = options.random.integer(STAMP_BYTES, 200);
    this.publisher = new Publisher(`${prefix}-pub-${source}`, surroundings, {
      window: Math.min(options.window, windowMax),
      reusesIds,
      next: () => (this.sent < this.limit ? this.messageOf(this.sent++) : undefined),
      onAcked: ({ number }) => this.acked.add(number),
    });
  }

  private messageOf(number: number): TestMessage {
    return {
      topic: topicOf(this.prefix, number),
      qos: this.qos === 'mixed' ? (Math.floor(number / TOPICS) % 3 === 0 ? 2 : 1) : this.qos,
      retain: false,
      source: this.source,
      number,
      payloadBytes: this.payloadBytes,
    };
  }
}

export function topicOf(prefix: string, number: number): string {
  return `${prefix}/stream/${number % TOPICS}`;
}
