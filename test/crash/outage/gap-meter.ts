import { STAMP_BYTES, type TestMessage } from '../packets.js';
import type { Surroundings } from '../persistent-client.js';
import { Publisher } from '../publisher.js';
import { Subscriber } from '../subscriber.js';

const INTERVAL_MS = 4;
const QUALITIES = [0, 1, 2] as const;
const SOURCE = 1;

/** Steady traffic of clean sessions at each QoS, and the longest pause between two deliveries of it. */
export class GapMeter {
  private readonly publisher: Publisher;
  private readonly subscriber: Subscriber;
  private readonly waiting: TestMessage[] = [];
  private readonly lastMs: number[] = [];
  private readonly longestMs = [0, 0, 0];
  private longestOwnMs = 0;
  private sent = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(surroundings: Surroundings) {
    this.publisher = new Publisher('gap-publisher', surroundings, {
      cleanSession: true,
      window: 10_000,
      reusesIds: false,
      next: () => this.waiting.shift(),
      onAcked: () => undefined,
    });
    this.subscriber = new Subscriber('gap-subscriber', surroundings, {
      cleanSession: true,
      ackDelayMs: 0,
      onMessage: ({ qos }) => this.received(qos, performance.now()),
    });
  }

  get clients(): readonly [Publisher, Subscriber] {
    return [this.publisher, this.subscriber];
  }

  /** The longest pauses so far, in milliseconds: by QoS, and of our own timer, which shows how busy this machine is. */
  get longest(): { readonly byQos: readonly number[]; readonly ownMs: number } {
    return { byQos: this.longestMs.map(Math.round), ownMs: Math.round(this.longestOwnMs) };
  }

  subscribe(onGranted: () => void): void {
    this.subscriber.subscribe(['gap/#'], 2, onGranted);
  }

  start(): void {
    let lastMs = performance.now();
    for (const qos of QUALITIES) this.lastMs[qos] = lastMs;
    this.timer = setInterval(() => {
      const nowMs = performance.now();
      this.longestOwnMs = Math.max(this.longestOwnMs, nowMs - lastMs);
      lastMs = nowMs;
      this.publish();
    }, INTERVAL_MS);
  }

  /** Counts the pause that lasts until now, too. */
  stop(): void {
    clearInterval(this.timer);
    for (const qos of QUALITIES) this.received(qos, performance.now());
  }

  private publish(): void {
    for (const qos of QUALITIES) {
      const number = this.sent++;
      this.waiting.push({
        topic: `gap/${qos}`,
        qos,
        retain: false,
        source: SOURCE,
        number,
        payloadBytes: STAMP_BYTES,
      });
    }
    this.publisher.fill();
  }

  private received(qos: number, nowMs: number): void {
    this.longestMs[qos] = Math.max(this.longestMs[qos] ?? 0, nowMs - (this.lastMs[qos] ?? nowMs));
    this.lastMs[qos] = nowMs;
  }
}
