import { createServer, type AddressInfo } from 'node:net';
import { startBroker } from './durable/start-broker.js';
import { affordableClients, connectIdle } from './idle-clients.js';
import { ownLoadProgram } from './load-driver.js';
import { median } from './median.js';
import type { Procedure } from './procedure.js';

const CLIENTS = 20_000;
/** Many times as often as Prometheus would. */
const SCRAPE_EVERY_MS = 500;

/**
 * Measures how long a scrape of the metrics takes while many clients are connected, and the latency of running traffic
 * twice: without scrapes and with them.
 */
export const scrapes: Procedure = async (context) => {
  const { driver, scenario } = context;
  const metricsPort = await freePort();
  const broker = await startBroker(context, {
    SURETY_METRICS_ENABLED: 'true',
    SURETY_METRICS_PORT: String(metricsPort),
  });
  const clients = await connectIdle(broker.port, affordableClients(CLIENTS));
  try {
    const quiet = await driver.drive(ownLoadProgram(), scenario.load, broker);
    const scraper = new Scraper(`http://127.0.0.1:${metricsPort}/metrics`);
    const scraped = await driver.drive(ownLoadProgram(), scenario.load, broker);
    const { times, bytes } = await scraper.stop();
    const [before, during] = [quiet.values['p999_ms'] ?? NaN, scraped.values['p999_ms'] ?? NaN];
    const values = {
      clients: clients.length,
      scrapes: times.length,
      scrape_p50_ms: median(times) ?? NaN,
      scrape_max_ms: Math.max(...times),
      scrape_kb: bytes / 1000,
      quiet_p999_ms: before,
      scraped_p999_ms: during,
      added_ms: during - before,
    };
    return { values, failure: quiet.failure ?? scraped.failure };
  } finally {
    for (const client of clients) client.destroy();
    await broker.stop();
  }
};

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
      const response = await fetch(this.url);
      this.bytes = (await response.arrayBuffer()).byteLength;
      if (!response.ok) throw new Error(`a scrape was answered by ${response.status}`);
      this.times.push(performance.now() - beganMs);
      await new Promise((resolve) => setTimeout(resolve, SCRAPE_EVERY_MS));
    }
  }
}

/** A port that nobody has at the moment: the broker doesn't tell which one it takes for metrics. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
