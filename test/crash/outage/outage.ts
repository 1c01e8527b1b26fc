import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '../../support/wait-until.js';
import type { BrokerUnderTest } from '../broker-under-test.js';
import { CleanClient } from '../clean-client.js';
import type { Surroundings } from '../persistent-client.js';
import type { FailingDatabase } from './database.js';
import { DurableLoad } from './durable-load.js';
import { GapMeter } from './gap-meter.js';

/** What an outage works with. */
export interface OutageOptions {
  readonly broker: BrokerUnderTest;
  readonly database: FailingDatabase;
  readonly metricsPort: number;
  readonly outageMs: number;
}

/** What may wait in the broker's journal, in bytes: the least that is set, so that it fills up. */
export const JOURNAL_BYTES_MAX = 8_388_608;

/** The broker's promise for clean sessions, in milliseconds. */
export const GAP_MS_MAX = 100;
/** Beyond the journal's limit: what the links had read when it was full. */
const JOURNAL_SLACK_BYTES = 4_194_304;
/** What the broker's memory may grow by; in 30 s over 140 MB are published. */
const RSS_GROWTH_BYTES_MAX = 83_886_080;
const CONNACK_UNAVAILABLE = 3;
const UNREADY_MS_MAX = 8000;
const READY_MS_MAX = 15_000;
const DRAIN_MS_MAX = 30_000;
const CONNECT_MS_MAX = 2000;

/** What was seen; `faults` are broken promises, of which `gapMs` over the limit isn't one of them. */
export interface OutageReport {
  readonly faults: readonly string[];
  readonly gapMs: number;
  readonly text: string;
}

/** Lets the database fail under load, and looks what goes on, what waits, and what comes of it afterwards. */
export class Outage {
  private readonly surroundings: Surroundings = { port: undefined, violations: [] };
  private readonly meter = new GapMeter(this.surroundings);
  private readonly load = new DurableLoad(this.surroundings);
  private readonly faults: string[] = [];
  private readonly figures: string[] = [];

  constructor(private readonly options: OutageOptions) {}

  async run(): Promise<OutageReport> {
    const { options, load, meter } = this;
    await this.open();
    load.start();
    await delay(1000);
    meter.start();
    await delay(500);
    options.database.fail();
    await this.duringOutage(performance.now());
    await options.database.recover();
    await this.afterOutage();
    for (const client of [...meter.clients, ...load.clients]) client.cut();
    this.faults.push(...this.surroundings.violations);
    const { byQos, ownMs } = meter.longest;
    this.figures.push(`longest gaps ${byQos.join('/')} ms at QoS 0/1/2 (our own timer: ${ownMs} ms)`);
    return { faults: this.faults, gapMs: Math.max(...byQos), text: this.figures.join(', ') };
  }

  private async open(): Promise<void> {
    const { broker } = this.options;
    this.surroundings.port = await broker.start();
    const clients = [...this.meter.clients, ...this.load.clients];
    for (const client of clients) client.goOnline();
    await waitUntil(() => clients.every(({ isOnline }) => isOnline), 'all clients to be online');
    let granted = 0;
    this.load.subscribe(() => granted++);
    this.meter.subscribe(() => granted++);
    await waitUntil(() => granted === 3, 'the subscriptions');
  }

  private async duringOutage(beganMs: number): Promise<void> {
    const { outageMs } = this.options;
    const rssBefore = this.rss();
    await delay(300);
    const acked = this.load.acked;
    const unreadyMs = await this.waitForReadiness(503, UNREADY_MS_MAX);
    this.figures.push(`not ready after ${seconds(unreadyMs)}`);
    await this.tryConnects();
    let rss = 0;
    let journal = 0;
    while (performance.now() - beganMs < outageMs) {
      await delay(500);
      rss = Math.max(rss, this.rss());
      journal = Math.max(journal, await this.journalBytes());
      const status = await this.readiness();
      if (status !== 503) this.faults.push(`/readyz says ${status} during the outage`);
    }
    this.require(
      this.load.acked === acked,
      `${this.load.acked - acked} messages were acknowledged that can't be durable`,
    );
    this.require(
      journal <= JOURNAL_BYTES_MAX + JOURNAL_SLACK_BYTES,
      `${megabytes(journal)} wait in the journal, which is to hold ${megabytes(JOURNAL_BYTES_MAX)}`,
    );
    const growth = rss - rssBefore;
    this.require(growth <= RSS_GROWTH_BYTES_MAX, `the broker's memory grew by ${megabytes(growth)}`);
    this.figures.push(
      `${this.load.sent - acked} publishes (${megabytes((this.load.sent - acked) * 8000)}) waited`,
      `journal ${megabytes(journal)}, memory ${megabytes(rssBefore)} + ${megabytes(growth)}`,
    );
  }

  /** Durable sessions are refused, old ones and new ones; clean ones are served. */
  private async tryConnects(): Promise<void> {
    for (const [clientId, cleanSession, expected] of [
      ['newcomer', false, CONNACK_UNAVAILABLE],
      ['absent', false, CONNACK_UNAVAILABLE],
      ['clean-newcomer', true, 0],
    ] as const) {
      const client = new CleanClient(this.surroundings.port ?? 0, clientId, { cleanSession });
      const code = await Promise.race([client.connect(), delay(CONNECT_MS_MAX, 'no answer')]).catch(String);
      this.require(
        code === expected,
        `CONNECT of ${clientId} during the outage: ${code}, not code ${expected}`,
      );
      client.cut();
    }
  }

  private async afterOutage(): Promise<void> {
    const { load, meter } = this;
    const readyMs = await this.waitForReadiness(200, READY_MS_MAX);
    await delay(500);
    load.stop();
    await this.drained();
    meter.stop();
    this.require(load.isAcked, 'not all publishes were acknowledged afterwards');
    this.require(load.missing === 0, `${load.missing} messages were lost`);
    this.require(load.duplicatedQos2 === 0, `${load.duplicatedQos2} QoS 2 messages came twice`);
    this.require(load.reordered === 0, `${load.reordered} messages came out of order`);
    this.figures.push(
      `ready again after ${seconds(readyMs)}`,
      `${load.sent} published, ${load.missing} lost`,
    );
  }

  private async drained(): Promise<void> {
    const until = performance.now() + DRAIN_MS_MAX;
    while (performance.now() < until && (!this.load.isAcked || this.load.missing > 0)) await delay(20);
    await delay(100);
  }

  /** @returns after how many milliseconds it was so; the limit when it never was, which is a fault. */
  private async waitForReadiness(status: number, msMax: number): Promise<number> {
    const beganMs = performance.now();
    while (performance.now() - beganMs < msMax) {
      if ((await this.readiness()) === status) return performance.now() - beganMs;
      await delay(50);
    }
    this.faults.push(`/readyz did not say ${status} within ${seconds(msMax)}`);
    return msMax;
  }

  private async readiness(): Promise<number> {
    const response = await this.fetch('readyz');
    await response.text();
    return response.status;
  }

  private async journalBytes(): Promise<number> {
    const text = await (await this.fetch('metrics')).text();
    return Number(/^surety_journal_pending_bytes (\S+)$/m.exec(text)?.[1] ?? NaN);
  }

  private fetch(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.options.metricsPort}/${path}`);
  }

  /** The memory that the broker occupies, in bytes. */
  private rss(): number {
    const status = readFileSync(`/proc/${this.options.broker.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1024;
  }

  private require(isSo: boolean, otherwise: string): void {
    if (!isSo) this.faults.push(otherwise);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MB`;
}
