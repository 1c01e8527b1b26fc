import { freePort } from '../support/free-port.js';
import { startBroker } from './durable/start-broker.js';
import { affordableClients, connectIdle } from './idle-clients.js';
import { cpuSecondsOf } from './load/cpu-seconds.js';
import { ownLoadProgram } from './load-driver.js';
import { median } from './median.js';
import type { Procedure } from './procedure.js';

const CLIENTS = 20_000;
/** Scrapes one after the other, whose processor time is measured: enough for the system's steps of 10 ms. */
const SCRAPES_IN_A_ROW = 100;
/** Many times as often as Prometheus would. */
const SCRAPE_EVERY_MS = 500;

/**
 * Measures what a scrape of the metrics takes of the broker's processor while many clients are connected, then how long
 * scrapes take beside running traffic, and the latency of that traffic without and with them.
 */
export const scrapes: Procedure = async (context) => {
  const { driver, scenario } = context;
  // The broker doesn't tell which port it takes for metrics.
  const metricsPort = await freePort();
  const broker = await startBroker(context, {
    SURETY_METRICS_ENABLED: 'true',
    SURETY_METRICS_PORT: String(metricsPort),
  });
  const clients = await connectIdle(broker.port, affordableClients(CLIENTS));
  const url = `http://127.0.0.1:${metricsPort}/metrics`;
  try {
    const cpuMs = await cpuMsOfScrape(url, broker.pid);
    const quiet = await driver.drive(ownLoadProgram(), scenario.load, broker);
    const scraper = new Scraper(url);
    const scraped = await driver.drive(ownLoadProgram(), scenario.load, broker);
    const { times, bytes } = await scraper.stop();
    const [before, during] = [quiet.values['p999_ms'] ?? NaN, scraped.values['p999_ms'] ?? NaN];
    const values = {
      clients: clients.length,
      scrapes: times.length,
      scrape_cpu_ms: cpuMs,
      scrape_p50_ms: median(times) ?? NaN,
      scrape_max_ms: Math.max(...times),
      scrape_kb: bytes / 1000,
      quiet_p999_ms: before,
      scraped_p999_ms: during,
      added_ms: during - before,
      other_cpu: scraped.values['other_cpu'] ?? 0,
    };
    return { values, failure: quiet.failure ?? scraped.failure };
  } finally {
    for (const client of clients) client.destroy();
    await broker.stop();
  }
};

/** The processor time that one scrape takes of the broker, at rest but for scrapes. */
async function cpuMsOfScrape(url: string, pid: number): Promise<number> {
  const before = cpuSecondsOf(pid);
  for (let i = 0; i < SCRAPES_IN_A_ROW; i++) await scrape(url);
  const after = cpuSecondsOf(pid);
  if (before === undefined || after === undefined)
    throw new Error('the processor time of the broker is unknown');
  return ((after - before) * 1000) / SCRAPES_IN_A_ROW;
}

/** @returns the bytes of the answer. */
async function scrape(url: string): Promise<number> {
  const response = await fetch(url);
  const { byteLength } = await response.arrayBuffer();
  if (!response.ok) throw new Error(`a scrape was answered by ${response.status}`);
  return byteLength;
}

/** Scrapes again and again. */
class Scraper {
  private readonly times: number[] = [];
  private bytes = 0;
  private isStopping = false;
  private readonly done: Promise<void>;

  constructor(private readonly url: string) {
    this.done = this.run();
  }

  /** @returns how long each scrape took, in milliseconds, and the bytes of one. @throws Error when one has failed. */
  async stop(): Promise<{ readonly times: readonly number[]; readonly bytes: number }> {
    this.isStopping = true;
    await this.done;
    return { times: this.times, bytes: this.bytes };
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      const beganMs = performance.now();
      this.bytes = await scrape(this.url);
      this.times.push(performance.now() - beganMs);
      await new Promise((resolve) => setTimeout(resolve, SCRAPE_EVERY_MS));
    }
  }
}
