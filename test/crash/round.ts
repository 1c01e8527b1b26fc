import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '../support/wait-until.js';
import type { BrokerUnderTest } from './broker-under-test.js';
import { CleanClient } from './clean-client.js';
import type { Era } from './era.js';
import { type Fault, isBrokerFault, strike } from './faults.js';
import { STAMP_BYTES } from './packets.js';
import type { Random } from './random.js';

/** What a round works with. */
export interface RoundOptions {
  readonly number: number;
  readonly era: Era;
  readonly broker: BrokerUnderTest;
  readonly random: Random;
  readonly fault: Fault;
  /** Messages that each stream publishes in a round at most. */
  readonly messagesMax: number;
}

/** What a round has found out. */
export interface RoundResult {
  readonly acked: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicatedQos2: number;
  readonly reordered: number;
  /** For people: what was lost, repeated, out of order, or otherwise wrong. */
  readonly finds: readonly string[];
  /** Milliseconds from the fault until all was delivered. */
  readonly recoveryMs: number;
}

const WARM_UP_MS_MIN = 100;
const WARM_UP_MS_MAX = 1500;
const STUCK_MS = 2000;
const WILLS = 4;
const WILL_SOURCE = 600;
/** A drain in which nothing comes for so long has come to its end. */
const QUIET_MS_MAX = 6000;
const DRAIN_MS_MAX = 60_000;

/** Streams messages, strikes in the middle of it, and looks whether the broker has kept its word. */
export class Round {
  private flapping: NodeJS.Timeout | undefined;
  private readonly finds: string[] = [];
  /** Granted subscriptions, wills and retained messages that are gone. */
  private lost = 0;
  private wills: { readonly client: CleanClient; readonly number: number }[] = [];

  constructor(private readonly options: RoundOptions) {}

  async run(): Promise<RoundResult> {
    const { era, random, broker } = this.options;
    const before = this.totals();
    await this.openWills();
    this.stream();
    await this.warmUp();
    const late = this.subscribeLate();
    await delay(random.integer(0, 15));
    const struckMs = performance.now();
    await this.strike();
    if (isBrokerFault(this.options.fault)) await this.restart();
    for (const { client } of this.wills) client.cut();
    await this.lookAtRetained();
    era.retainerSurroundings.port = broker.port;
    await delay(random.integer(100, 500));
    this.endStream();
    await this.drain();
    const recoveryMs = performance.now() - struckMs;
    await this.lookAtLate(late);
    await this.lookAtWills();
    await this.lookAtRetained();
    const result = this.result(before, recoveryMs);
    return result.lost === 0
      ? result
      : { ...result, finds: [...result.finds, ...(await this.tellStuckFromLost())] };
  }

  /** The fault comes anywhere from the first messages to the middle of the stream. */
  private async warmUp(): Promise<void> {
    const { era, random, messagesMax } = this.options;
    const enough = random.integer(0, (messagesMax * era.streams.length) / 3) + this.totals().acked;
    const until = performance.now() + random.integer(WARM_UP_MS_MIN, WARM_UP_MS_MAX);
    await delay(WARM_UP_MS_MIN);
    while (this.totals().acked < enough && performance.now() < until) await delay(5);
  }

  private async openWills(): Promise<void> {
    const { era, number, broker, random } = this.options;
    if (random.chance(0.4)) return;
    this.wills = Array.from({ length: WILLS }, (_, i) => {
      const id = number * WILLS + i;
      const message = {
        topic: era.willTopic,
        qos: 1 + (i % 2),
        retain: false,
        source: WILL_SOURCE,
        number: id,
      };
      const will = { ...message, qos: i % 2 === 0 ? 1 : 2, payloadBytes: STAMP_BYTES } as const;
      const clientId = `${era.prefix}-will-${id}`;
      return {
        client: new CleanClient(broker.port ?? 0, clientId, { cleanSession: false, will }),
        number: id,
      };
    });
    await Promise.all(this.wills.map(({ client }) => client.connect()));
  }

  private stream(): void {
    const { era, random, messagesMax } = this.options;
    for (const { traits, subscriber } of era.listeners) if (traits.habit === 'offline') subscriber.cut();
    for (const stream of era.streams) stream.limit = stream.sent + messagesMax;
    era.retainer.isPublishing = random.chance(0.7);
    for (const publisher of era.publishers) publisher.fill();
    const flap = (): void => {
      this.flap();
      this.flapping = setTimeout(flap, random.integer(20, 150));
    };
    flap();
  }

  /** One client goes or comes, or cuts its connection and is back at once. */
  private flap(): void {
    const { era, random } = this.options;
    const fickle = era.listeners.filter(({ traits }) => traits.habit === 'flapping');
    const [first, ...others] = fickle.map(({ subscriber }) => subscriber);
    if (first === undefined) return;
    const subscriber = random.pick([first, ...others]);
    if (random.chance(0.3)) random.pick([...era.streams] as [(typeof era.streams)[0]])?.publisher.reconnect();
    else if (!subscriber.isOnline) subscriber.goOnline();
    else if (random.chance(0.5)) subscriber.reconnect();
    else subscriber.cut();
  }

  private endStream(): void {
    const { era } = this.options;
    clearTimeout(this.flapping);
    for (const stream of era.streams) stream.limit = stream.sent;
    era.retainer.isPublishing = false;
    era.goOnline();
  }

  private async strike(): Promise<void> {
    const { era, broker, random, fault } = this.options;
    const onDown = (): void => {
      era.surroundings.port = era.retainerSurroundings.port = undefined;
    };
    const onStall = async (): Promise<void> => {
      const until = performance.now() + random.integer(200, 700);
      while (performance.now() < until) {
        await delay(random.integer(10, 60));
        for (const { publisher } of era.streams) if (random.chance(0.4)) publisher.reconnect();
      }
    };
    await strike(fault, { broker, random, onDown, onStall });
    if (isBrokerFault(fault)) await delay(random.integer(0, 200));
  }

  private async restart(): Promise<void> {
    const { era, broker } = this.options;
    era.surroundings.port = await broker.start();
  }

  /** A broker that nobody has killed must not end. */
  private async requireRunning(): Promise<void> {
    const { era, broker } = this.options;
    if (broker.isRunning) return;
    this.finds.push(`the broker ended by itself:\n${broker.log.slice(-3000)}`);
    era.surroundings.port = era.retainerSurroundings.port = undefined;
    await this.restart();
    era.retainerSurroundings.port = broker.port;
  }

  private subscribeLate(): { readonly topic: string; isGranted: boolean } {
    const { era, number } = this.options;
    const late = { topic: `${era.prefix}/late/${number}`, isGranted: false };
    era.witness.subscribe([late.topic], 1, () => (late.isGranted = true));
    return late;
  }

  private async lookAtLate({ topic, isGranted }: { topic: string; isGranted: boolean }): Promise<void> {
    if (!isGranted) return;
    const { era } = this.options;
    const number = era.probe(topic);
    const hasCome = await until(() => era.isProbed(number), QUIET_MS_MAX);
    if (!hasCome) this.lose([`the subscription to ${topic} was granted and is gone`]);
  }

  private async lookAtWills(): Promise<void> {
    const { era } = this.options;
    const missing = (): readonly { number: number }[] =>
      this.wills.filter(({ client, number }) => client.isAccepted && !era.witnessed.has(WILL_SOURCE, number));
    await until(() => missing().length === 0, QUIET_MS_MAX);
    this.lose(missing().map(({ number }) => `the will ${number} was not published`));
  }

  private async lookAtRetained(): Promise<void> {
    const { era, broker } = this.options;
    try {
      await this.requireRunning();
      this.lose(await era.retainer.faults(broker.port ?? 0));
    } catch (error) {
      this.finds.push(String(error));
    }
  }

  private lose(finds: readonly string[]): void {
    this.lost += finds.length;
    this.finds.push(...finds);
  }

  /** Waits until all is acknowledged and has come to everybody, or nothing comes any more. */
  private async drain(): Promise<void> {
    const { era } = this.options;
    const isDone = (): boolean =>
      era.publishers.every(({ inflightCount }) => inflightCount === 0) &&
      era.listeners.every((listener) => listener.hasAll(era.streams));
    let { acked, delivered } = this.totals();
    const beganMs = performance.now();
    let changedMs = beganMs;
    while (!isDone() && performance.now() - changedMs < QUIET_MS_MAX) {
      if (performance.now() - beganMs > DRAIN_MS_MAX) {
        this.finds.push(`not all had come after ${DRAIN_MS_MAX / 1000} s`);
        break;
      }
      await delay(20);
      await this.requireRunning();
      const now = this.totals();
      if (now.acked !== acked || now.delivered !== delivered) changedMs = performance.now();
      ({ acked, delivered } = now);
    }
    // What is done may still be done twice.
    await delay(50);
  }

  /** For people: a message that comes on the next connection was owed, and not lost. */
  private async tellStuckFromLost(): Promise<string[]> {
    const { listeners } = this.options.era;
    const before = listeners.map(({ subscriber, ledger }) => ({
      isOnline: subscriber.isOnline,
      got: ledger.delivered,
    }));
    for (const { subscriber } of listeners) subscriber.reconnect();
    await delay(STUCK_MS);
    return listeners.flatMap(({ subscriber, ledger }, i) => {
      const { isOnline, got = 0 } = before[i] ?? {};
      if (isOnline === true && ledger.delivered === got) return [];
      return `${subscriber.clientId} was ${isOnline === true ? 'online' : 'not online'}; ${ledger.delivered - got} messages came after another CONNECT`;
    });
  }

  private totals(): { acked: number; delivered: number; duplicatedQos2: number; reordered: number } {
    const { streams, ledgers } = this.options.era;
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
    return {
      acked: sum(streams.map(({ acked }) => acked.size)),
      delivered: sum(ledgers.map(({ delivered }) => delivered)),
      duplicatedQos2: sum(ledgers.map(({ duplicatedQos2 }) => duplicatedQos2)),
      reordered: sum(ledgers.map(({ reordered }) => reordered)),
    };
  }

  private result(before: ReturnType<Round['totals']>, recoveryMs: number): RoundResult {
    const { finds } = this;
    const { era } = this.options;
    const after = this.totals();
    let { lost } = this;
    for (const { publisher, sent, acked } of era.streams) {
      if (publisher.inflightCount > 0)
        finds.push(
          `${publisher.clientId}: ${publisher.inflightCount} of ${sent} wait for their acknowledgement (${acked.size} have it)`,
        );
    }
    for (const listener of era.listeners) {
      for (const stream of era.streams) {
        const missing = listener.missing(stream);
        lost += missing.length;
        if (missing.length > 0)
          finds.push(
            `${listener.subscriber.clientId}: ${missing.length} acknowledged messages of source ${stream.source} did not come: ${missing.slice(0, 8).join(' ')}`,
          );
      }
    }
    for (const ledger of era.ledgers) finds.push(...ledger.finds.splice(0));
    finds.push(...era.surroundings.violations.splice(0));
    return {
      acked: after.acked - before.acked,
      delivered: after.delivered - before.delivered,
      lost,
      duplicatedQos2: after.duplicatedQos2 - before.duplicatedQos2,
      reordered: after.reordered - before.reordered,
      finds,
      recoveryMs,
    };
  }
}

async function until(condition: () => boolean, msMax: number): Promise<boolean> {
  try {
    await waitUntil(condition, 'it', msMax);
    return true;
  } catch {
    return false;
  }
}
