import { Ledger, Counts } from '../ledger.js';
import type { Surroundings } from '../persistent-client.js';
import { Publisher } from '../publisher.js';
import { Subscriber } from '../subscriber.js';

const PUBLISHERS = 4;
const PAYLOAD_BYTES = 8000;
const INTERVAL_MS = 20;
/** Per publisher and interval: 600 messages a second in all, or 4.8 MB. */
const MESSAGES = 3;
/** No limit to what is in flight during the outage: the broker has to set one. */
const WINDOW = 60_000;

interface Source {
  readonly publisher: Publisher;
  readonly acked: Counts;
  sent: number;
}

/** Steady traffic of durable sessions: half at QoS 1, half at QoS 2, to one subscriber who is there and one who isn't. */
export class DurableLoad {
  private readonly sources: readonly Source[];
  private readonly receivers: readonly { readonly subscriber: Subscriber; readonly ledger: Ledger }[];
  private limit = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(surroundings: Surroundings) {
    this.sources = Array.from({ length: PUBLISHERS }, (_, number) =>
      sourceOf(number, surroundings, () => this.limit),
    );
    this.receivers = ['present', 'absent'].map((name) => {
      const ledger = new Ledger(name);
      const subscriber = new Subscriber(name, surroundings, {
        ackDelayMs: 0,
        onMessage: ({ source, number, qos }) => ledger.record(source, number, qos, source),
      });
      return { subscriber, ledger };
    });
  }

  get clients(): readonly (Publisher | Subscriber)[] {
    return [
      ...this.sources.map(({ publisher }) => publisher),
      ...this.receivers.map(({ subscriber }) => subscriber),
    ];
  }

  /** Messages acknowledged so far. */
  get acked(): number {
    return this.sources.reduce((sum, { acked }) => sum + acked.size, 0);
  }

  get sent(): number {
    return this.sources.reduce((sum, { sent }) => sum + sent, 0);
  }

  get duplicatedQos2(): number {
    return this.receivers.reduce((sum, { ledger }) => sum + ledger.duplicatedQos2, 0);
  }

  get reordered(): number {
    return this.receivers.reduce((sum, { ledger }) => sum + ledger.reordered, 0);
  }

  /** Messages that were published and haven't come to everybody. */
  get missing(): number {
    return this.receivers.reduce((sum, { ledger }) => sum + this.sent - ledger.delivered, 0);
  }

  get isAcked(): boolean {
    return this.sources.every(({ publisher }) => publisher.inflightCount === 0);
  }

  subscribe(onGranted: () => void): void {
    for (const { subscriber } of this.receivers) subscriber.subscribe(['durable/#'], 2, onGranted);
  }

  start(): void {
    this.receivers[1]?.subscriber.cut();
    this.timer = setInterval(() => {
      this.limit += MESSAGES;
      for (const { publisher } of this.sources) publisher.fill();
    }, INTERVAL_MS);
  }

  /** Publishes no more, and has the absent subscriber come back. */
  stop(): void {
    clearInterval(this.timer);
    this.receivers[1]?.subscriber.goOnline();
  }
}

function sourceOf(number: number, surroundings: Surroundings, limit: () => number): Source {
  const acked = new Counts();
  const next = (): ReturnType<ConstructorParameters<typeof Publisher>[2]['next']> => {
    if (source.sent >= limit()) return undefined;
    return {
      topic: `durable/${number}`,
      qos: number % 2 === 0 ? 1 : 2,
      retain: false,
      source: number,
      number: source.sent++,
      payloadBytes: PAYLOAD_BYTES,
    };
  };
  const publisher = new Publisher(`durable-${number}`, surroundings, {
    window: WINDOW,
    reusesIds: false,
    next,
    onAcked: (message) => acked.add(message.number),
  });
  const source: Source = { publisher, acked, sent: 0 };
  return source;
}
