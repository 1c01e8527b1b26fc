import { waitUntil } from '../support/wait-until.js';
import { endSessions } from './clean-client.js';
import { Ledger } from './ledger.js';
import { Listener } from './listener.js';
import type { PersistentClient, Surroundings } from './persistent-client.js';
import { Publisher } from './publisher.js';
import type { Random } from './random.js';
import { Retainer } from './retainer.js';
import { STAMP_BYTES, type TestMessage } from './packets.js';
import { Stream, STREAMS } from './stream.js';
import { Subscriber } from './subscriber.js';

const PROBE_SOURCE = 700;
const ALL_TOPICS = [0, 1, 2];

/** A set of clients that lives for some rounds, so that their sessions go through several crashes. */
export class Era {
  readonly streams: readonly Stream[];
  readonly listeners: readonly Listener[];
  readonly retainer: Retainer;
  /** Gets the wills, and what is published to subscriptions made just before a crash. */
  readonly witness: Subscriber;
  readonly witnessed: Ledger;
  readonly prober: Publisher;
  /** Held back on their own after a crash, until what is retained was looked at. */
  readonly retainerSurroundings: Surroundings;
  private readonly probes: TestMessage[] = [];
  private probesSent = 0;

  constructor(
    readonly prefix: string,
    readonly surroundings: Surroundings,
    options: { readonly window: number; readonly random: Random },
  ) {
    const { random } = options;
    this.streams = Array.from(
      { length: STREAMS },
      (_, source) => new Stream(source, prefix, surroundings, options),
    );
    const some = random.pick([[0], [1, 2], [2]]);
    const delayMs = random.integer(5, 40);
    this.listeners = [
      { name: 'steady', habit: 'online', grantedQos: 2, ackDelayMs: 0, topics: ALL_TOPICS } as const,
      { name: 'slow', habit: 'online', grantedQos: 2, ackDelayMs: delayMs, topics: some } as const,
      { name: 'absent', habit: 'offline', grantedQos: 2, ackDelayMs: 0, topics: ALL_TOPICS } as const,
      { name: 'flapping', habit: 'flapping', grantedQos: 2, ackDelayMs: 0, topics: ALL_TOPICS } as const,
      { name: 'modest', habit: 'flapping', grantedQos: 1, ackDelayMs: 3, topics: some } as const,
    ].map((traits) => new Listener(prefix, surroundings, traits));
    this.retainerSurroundings = { port: surroundings.port, violations: surroundings.violations };
    this.retainer = new Retainer(prefix, this.retainerSurroundings);
    const witnessed = (this.witnessed = new Ledger(`${prefix}-witness`));
    this.witness = new Subscriber(`${prefix}-witness`, surroundings, {
      ackDelayMs: 0,
      onMessage: ({ source, number, qos }) =>
        witnessed.record(source, number, qos, source * 1_000_000 + number),
    });
    this.prober = new Publisher(`${prefix}-prober`, surroundings, {
      window: 10,
      reusesIds: false,
      next: () => this.probes.shift(),
      onAcked: () => undefined,
    });
  }

  get publishers(): readonly Publisher[] {
    return [...this.streams.map(({ publisher }) => publisher), this.retainer.publisher, this.prober];
  }

  get clients(): readonly PersistentClient[] {
    return [...this.publishers, ...this.listeners.map(({ subscriber }) => subscriber), this.witness];
  }

  /** Connects all clients, and subscribes. */
  async open(): Promise<void> {
    this.goOnline();
    await this.allOnline();
    for (const listener of this.listeners) listener.subscribe();
    let isGranted = false;
    this.witness.subscribe([this.willTopic], 2, () => (isGranted = true));
    await waitUntil(
      () => isGranted && this.listeners.every(({ isSubscribed }) => isSubscribed),
      'the subscriptions',
    );
  }

  goOnline(): void {
    for (const client of this.clients) client.goOnline();
  }

  async allOnline(): Promise<void> {
    await waitUntil(() => this.clients.every(({ isOnline }) => isOnline), 'all clients to be online', 20_000);
  }

  get willTopic(): string {
    return `${this.prefix}/wills`;
  }

  /** Publishes one message; `isProbed` tells whether it has come. @returns its number. */
  probe(topic: string): number {
    const number = this.probesSent++;
    this.probes.push({
      topic,
      qos: 1,
      retain: false,
      source: PROBE_SOURCE,
      number,
      payloadBytes: STAMP_BYTES,
    });
    this.prober.fill();
    return number;
  }

  isProbed(number: number): boolean {
    return this.witnessed.has(PROBE_SOURCE, number);
  }

  get ledgers(): readonly Ledger[] {
    return [...this.listeners.map(({ ledger }) => ledger), this.witnessed];
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.cut();
    const { port } = this.surroundings;
    if (port !== undefined)
      await endSessions(
        port,
        this.clients.map(({ clientId }) => clientId),
      );
  }
}
