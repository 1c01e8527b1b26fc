import { cpuSecondsOf, machineCpuSeconds, ownCpuSeconds } from './cpu-seconds.js';
import type { LinkObserver } from './link.js';
import { isUnreceived, type LoadOptions } from './load-options.js';
import { Publisher } from './publisher.js';
import { Subscriber } from './subscriber.js';
import { Tally } from './tally.js';

/** What a run measured. Rates are per second of the measurement, CPU figures are shares of one core. */
export interface LoadResult {
  /** When was measured, in milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly deliveredPerS: number;
  readonly completedPerS: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly ackP50Us: number;
  readonly ackP99Us: number;
  readonly ackP999Us: number;
  /** Handshakes completed from the first message to the last; none at QoS 0. */
  readonly acked: number;
  /** Messages that were still in flight when progress stopped. */
  readonly lost: number;
  /** Messages received beyond those that were sent. */
  readonly surplus: number;
  /** Messages that came in another order than they were sent. */
  readonly misordered: number;
  readonly loadCpu: number;
  readonly brokerCpu: number | undefined;
  /** What everything else on the machine used: above a few hundredths it disturbs the measurement. */
  readonly otherCpu: number | undefined;
}

const CHECK_EVERY_MS = 50;
const END_MS_MAX = 500;
const SETTLE_MS = 20;

/**
 * One closed-loop run: open all connections, keep the windows full (or hold the rate), measure, and wait
 * until nothing is in flight any more. States: opening, warming up, measuring, draining.
 * Subscribers that are to be offline are opened and ended before the publishers start.
 */
export class LoadRun {
  private readonly tally: Tally;
  private readonly publishers: Publisher[];
  private readonly subscribers: Subscriber[];
  /** How many subscribers receive each message. */
  private readonly receivers: number;
  private isSending = false;
  private isPumpDue = false;
  private totalSent = 0;
  private startMs = 0;
  /** The publisher whose turn it is when a rate is held. */
  private turn = 0;
  private rejectRun: (error: Error) => void = () => undefined;

  constructor(private readonly options: LoadOptions) {
    const { publishers, subscribers, layout } = options;
    this.tally = new Tally(publishers);
    const observer: LinkObserver = {
      onProgress: () => this.schedulePump(),
      onBreak: (error) => this.rejectRun(error),
    };
    const make = <T>(count: number, one: (i: number) => T): T[] =>
      Array.from({ length: count }, (_, i) => one(i));
    this.publishers = make(publishers, (i) => new Publisher(i, options, this.tally, observer));
    this.subscribers = make(subscribers, (i) => new Subscriber(i, options, this.tally, observer));
    this.receivers = isUnreceived(layout) ? 0 : layout === 'fanout' ? subscribers : 1;
  }

  /** @throws Error when a connection is refused or breaks. */
  async run(): Promise<LoadResult> {
    return new Promise((resolve, reject) => {
      this.rejectRun = reject;
      this.phases().then(resolve, reject);
    });
  }

  private async phases(): Promise<LoadResult> {
    const { options, tally } = this;
    await Promise.all(this.publishers.map((publisher) => publisher.open()));
    await Promise.all(this.subscribers.map((subscriber, i) => subscriber.open(this.filtersOf(i))));
    if (options.layout === 'offline') await this.endAll(this.subscribers);
    this.startMs = performance.now();
    this.isSending = true;
    const stopPacing = this.startPacing();
    this.schedulePump();
    await this.progressFor(options.warmupSeconds);
    const before = this.readMeters();
    // Reading them takes milliseconds, in which messages have waited here: those aren't measured.
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const startMs = performance.now();
    tally.measuring = true;
    await this.progressFor(options.measureSeconds);
    tally.measuring = false;
    const endMs = performance.now();
    const after = this.readMeters();
    this.isSending = false;
    stopPacing();
    const lost = await this.drain();
    await this.endAll(
      options.layout === 'offline' ? this.publishers : [...this.publishers, ...this.subscribers],
    );
    return this.result({ before, after, startMs, endMs }, lost);
  }

  private async endAll(connections: readonly { end(msMax: number): Promise<void> }[]): Promise<void> {
    await Promise.all(connections.map((connection) => connection.end(END_MS_MAX)));
  }

  /** Fan-in shares the topics out; a single subscriber takes them all with a wildcard, as do those of many topics. */
  private filtersOf(subscriber: number): string[] {
    const { layout, publishers, subscribers, topics } = this.options;
    if (topics > 1 && layout === 'pair') return [`load/${subscriber}/${subscriber % 2 === 0 ? '+' : '#'}`];
    if (layout === 'fanout' || (layout === 'fanin' && subscribers === 1)) return ['load/#'];
    const filters: string[] = [];
    for (let topic = subscriber; topic < publishers; topic += subscribers) filters.push(`load/${topic}`);
    return filters;
  }

  /** Once per turn of the event loop, after all of its reads. */
  private schedulePump(): void {
    if (this.isPumpDue || !this.isSending || this.options.rate > 0) return;
    this.isPumpDue = true;
    setImmediate(this.fillWindows);
  }

  private readonly fillWindows = (): void => {
    this.isPumpDue = false;
    if (!this.isSending) return;
    this.tally.readClock();
    for (let i = 0; i < this.publishers.length; i++) {
      const publisher = this.publishers[i]!;
      const room = Math.min(publisher.room(this.doneOf(i)), this.left());
      if (room <= 0) continue;
      publisher.send(room);
      this.totalSent += room;
    }
  };

  /** Holds the rate until the returned function is called. */
  private startPacing(): () => void {
    const { rate, pace } = this.options;
    if (rate === 0) return () => undefined;
    if (pace === 'burst') {
      const timer = setInterval(() => this.sendDue(), 1);
      return () => clearInterval(timer);
    }
    const spin = (): void => {
      this.sendDue();
      next = setImmediate(spin);
    };
    let next = setImmediate(spin);
    return () => clearImmediate(next);
  }

  /** Sends what the rate says is due by now: all by one publisher, unless its window is full, the next time by the next one. */
  private sendDue(): void {
    const planned = Math.floor(((performance.now() - this.startMs) / 1000) * this.options.rate);
    let due = Math.min(planned - this.totalSent, this.left());
    if (due <= 0) return;
    this.tally.readClock();
    for (let asked = 0; asked < this.publishers.length && due > 0; asked++) {
      const index = this.turn;
      this.turn = (this.turn + 1) % this.publishers.length;
      const count = Math.min(due, this.publishers[index]!.room(this.doneOf(index)));
      if (count <= 0) continue;
      this.publishers[index]!.send(count);
      this.totalSent += count;
      due -= count;
    }
  }

  /** How many messages may still be sent. */
  private left(): number {
    const { count } = this.options;
    return count === 0 ? Number.POSITIVE_INFINITY : count - this.totalSent;
  }

  private isCountDone(): boolean {
    return this.left() === 0 && this.inFlight() === 0;
  }

  /** How many of a publisher's messages all receivers have and, above QoS 0, the broker has acknowledged. */
  private doneOf(index: number): number {
    const publisher = this.publishers[index]!;
    if (this.receivers === 0) return publisher.acked;
    const received = Math.floor(this.tally.received[index]! / this.receivers);
    return this.options.qos > 0 && publisher.acked < received ? publisher.acked : received;
  }

  private inFlight(): number {
    return this.publishers.reduce((sum, { sent }, i) => sum + Math.max(0, sent - this.doneOf(i)), 0);
  }

  private surplus(): number {
    const extra = (sent: number, i: number): number => this.tally.received[i]! - sent * this.receivers;
    return this.publishers.reduce((sum, { sent }, i) => sum + Math.max(0, extra(sent, i)), 0);
  }

  private progressSoFar(): number {
    const acked = this.publishers.reduce((sum, publisher) => sum + publisher.acked, 0);
    return this.tally.received.reduce((sum, count) => sum + count, acked);
  }

  /** Waits for so many seconds, until all is sent that should be, or until nothing has come for the stall time. */
  private async progressFor(seconds: number): Promise<void> {
    await this.watch(() => this.isCountDone(), seconds);
  }

  /** Waits until all is received; returns how many messages are missing when no more come. */
  private async drain(): Promise<number> {
    await this.watch(() => this.inFlight() === 0, Number.POSITIVE_INFINITY);
    return this.inFlight();
  }

  private async watch(isDone: () => boolean, seconds: number): Promise<void> {
    const start = performance.now();
    let progress = this.progressSoFar();
    let progressAt = start;
    for (;;) {
      const now = performance.now();
      const leftMs = start + seconds * 1000 - now;
      if (isDone() || leftMs <= 0 || now - progressAt > this.options.stallSeconds * 1000) return;
      await new Promise((resolve) => setTimeout(resolve, Math.min(CHECK_EVERY_MS, leftMs)));
      const current = this.progressSoFar();
      if (current !== progress) progressAt = performance.now();
      progress = current;
    }
  }

  private readMeters(): Meters {
    const { brokerPid } = this.options;
    const brokerCpu = brokerPid === undefined ? undefined : cpuSecondsOf(brokerPid);
    return { ms: performance.now(), loadCpu: ownCpuSeconds(), brokerCpu, machineCpu: machineCpuSeconds() };
  }

  private result({ before, after, startMs, endMs }: Measured, lost: number): LoadResult {
    const seconds = (endMs - startMs) / 1000;
    const meteredSeconds = (after.ms - before.ms) / 1000;
    const { tally } = this;
    const loadCpu = (after.loadCpu - before.loadCpu) / meteredSeconds;
    const brokerCpu = share(before.brokerCpu, after.brokerCpu, meteredSeconds);
    const machineCpu = share(before.machineCpu, after.machineCpu, meteredSeconds);
    const isComplete = brokerCpu !== undefined && machineCpu !== undefined;
    return {
      fromMs: performance.timeOrigin + startMs,
      toMs: performance.timeOrigin + endMs,
      deliveredPerS: tally.delivered / seconds,
      completedPerS: tally.completed / seconds,
      p50Us: tally.latencies.percentileUs(0.5),
      p99Us: tally.latencies.percentileUs(0.99),
      p999Us: tally.latencies.percentileUs(0.999),
      ackP50Us: tally.ackLatencies.percentileUs(0.5),
      ackP99Us: tally.ackLatencies.percentileUs(0.99),
      ackP999Us: tally.ackLatencies.percentileUs(0.999),
      acked: this.publishers.reduce((sum, publisher) => sum + publisher.acked, 0),
      misordered: tally.misordered,
      lost,
      surplus: this.surplus(),
      loadCpu,
      brokerCpu,
      otherCpu: isComplete ? Math.max(0, machineCpu - brokerCpu - loadCpu) : undefined,
    };
  }
}

/** When was measured, in milliseconds from this process's start on, and what was read around it. */
interface Measured {
  readonly before: Meters;
  readonly after: Meters;
  readonly startMs: number;
  readonly endMs: number;
}

/** What was read at one end of the measurement: a time, and CPU seconds used so far. */
interface Meters {
  readonly ms: number;
  readonly loadCpu: number;
  readonly brokerCpu: number | undefined;
  readonly machineCpu: number | undefined;
}

function share(before: number | undefined, after: number | undefined, seconds: number): number | undefined {
  return before === undefined || after === undefined ? undefined : (after - before) / seconds;
}
