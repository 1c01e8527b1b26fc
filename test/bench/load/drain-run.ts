import { ownCpuSeconds } from './cpu-seconds.js';
import type { LinkObserver } from './link.js';
import type { LoadOptions } from './load-options.js';
import { Publisher } from './publisher.js';
import { Subscriber } from './subscriber.js';
import { Tally } from './tally.js';

/** What a drain measured. */
export interface DrainResult {
  /** Backlog messages a second, from the subscriber's CONNECT to the last of them. */
  readonly drainedPerS: number;
  readonly drainMs: number;
  /** What the publisher sent meanwhile, and how much of it was acknowledged in the end. */
  readonly sent: number;
  readonly acked: number;
  readonly lost: number;
  readonly surplus: number;
  readonly misordered: number;
  readonly ackP99Us: number;
  readonly loadCpu: number;
}

const TICK_MS = 1;
const CHECK_EVERY_MS = 20;
const END_MS_MAX = 500;
/** The publisher starts so long before the subscriber comes back, and stops so long after the backlog is through. */
const LEAD_MS = 500;

/**
 * One subscriber comes back to `first` messages that wait for it, and takes them as fast as the broker gives them,
 * while a publisher goes on at the rate. Done when both have all: each number once, and in order.
 */
export class DrainRun {
  private readonly tally = new Tally(1);
  private readonly publisher: Publisher;
  private readonly subscriber: Subscriber;
  private drainedAtMs = 0;
  private rejectRun: (error: Error) => void = () => undefined;

  constructor(private readonly options: LoadOptions) {
    const observer: LinkObserver = {
      onProgress: () => {
        if (this.drainedAtMs === 0 && this.received() >= options.first) this.drainedAtMs = performance.now();
      },
      onBreak: (error) => this.rejectRun(error),
    };
    const another = { ...options, publishers: 1, idPrefix: `${options.idPrefix}-live` };
    this.publisher = new Publisher(0, another, this.tally, observer);
    this.subscriber = new Subscriber(0, { ...options, publishers: 1 }, this.tally, observer);
  }

  /** @throws Error when a connection is refused or breaks. */
  async run(): Promise<DrainResult> {
    return new Promise((resolve, reject) => {
      this.rejectRun = reject;
      this.phases().then(resolve, reject);
    });
  }

  private async phases(): Promise<DrainResult> {
    const { tally, publisher, subscriber } = this;
    await publisher.open();
    tally.measuring = true;
    const startMs = performance.now();
    const pacer = setInterval(() => this.sendDue(startMs), TICK_MS);
    await sleep(LEAD_MS);
    const cpuBefore = ownCpuSeconds();
    const backMs = performance.now();
    await subscriber.open([]);
    await this.until(() => this.drainedAtMs > 0);
    const drainMs = (this.drainedAtMs > 0 ? this.drainedAtMs : performance.now()) - backMs;
    const loadCpu = ((ownCpuSeconds() - cpuBefore) / drainMs) * 1000;
    await sleep(LEAD_MS);
    clearInterval(pacer);
    await this.until(() => publisher.acked === publisher.sent && this.received() >= this.expected());
    await Promise.all([publisher.end(END_MS_MAX), subscriber.end(END_MS_MAX)]);
    return this.result(drainMs, loadCpu);
  }

  private sendDue(startMs: number): void {
    const { publisher, options } = this;
    const due = Math.floor(((performance.now() - startMs) / 1000) * options.rate) - publisher.sent;
    const count = Math.min(due, publisher.room(publisher.acked));
    if (count <= 0) return;
    this.tally.readClock();
    publisher.send(count);
  }

  private received(): number {
    return this.tally.received[0]!;
  }

  private expected(): number {
    return this.options.first + this.publisher.sent;
  }

  /** Waits for the condition, or until nothing has come for the stall time. */
  private async until(isDone: () => boolean): Promise<void> {
    let received = this.received();
    let progressAt = performance.now();
    while (!isDone() && performance.now() - progressAt < this.options.stallSeconds * 1000) {
      await sleep(CHECK_EVERY_MS);
      if (this.received() !== received) progressAt = performance.now();
      received = this.received();
    }
  }

  private result(drainMs: number, loadCpu: number): DrainResult {
    const { publisher, tally } = this;
    const missing = this.expected() - this.received();
    return {
      drainedPerS: (this.drainedAtMs > 0 ? this.options.first : this.received()) / (drainMs / 1000),
      drainMs,
      sent: publisher.sent,
      acked: publisher.acked,
      lost: Math.max(0, missing, publisher.sent - publisher.acked),
      surplus: Math.max(0, -missing),
      misordered: tally.misordered,
      ackP99Us: tally.ackLatencies.percentileUs(0.99),
      loadCpu,
    };
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
