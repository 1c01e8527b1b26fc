import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../../support/free-port.js';
import { BrokerUnderTest } from '../broker-under-test.js';
import { KilledDatabase, StandingDatabase } from './database.js';
import { GAP_MS_MAX, JOURNAL_BYTES_MAX, Outage, type OutageReport } from './outage.js';

/** How long the database is away, in milliseconds. */
const variants = { standing: 30_000, killed: 8000 } as const;
type Variant = keyof typeof variants;

/** Runs the outage test. @param root The project's folder. @returns the exit code. */
export async function main(args: readonly string[], root: string): Promise<number> {
  const options = { only: { type: 'string' }, 'assert-gap': { type: 'boolean', default: false } } as const;
  const { values } = parseArgs({ args: [...args], options });
  let hasFailed = false;
  for (const variant of Object.keys(variants) as Variant[]) {
    if (values.only !== undefined && values.only !== variant) continue;
    const report = await runVariant(variant, root);
    print(variant, report);
    // A machine that is busy with something else makes gaps of its own: they are told, and fail only on demand.
    const isGapTooLong = values['assert-gap'] && report.gapMs > GAP_MS_MAX;
    if (report.faults.length > 0 || isGapTooLong) hasFailed = true;
  }
  return hasFailed ? 1 : 0;
}

function print(variant: Variant, { text, faults, gapMs }: OutageReport): void {
  console.log(`outage, database ${variant} for ${variants[variant] / 1000} s: ${text}`);
  for (const fault of faults) console.log(`  FAILED: ${fault}`);
  if (gapMs > GAP_MS_MAX)
    console.log(`  a gap of ${gapMs} ms is over the ${GAP_MS_MAX} ms that a quiet machine keeps`);
}

async function runVariant(variant: Variant, root: string): Promise<OutageReport> {
  const folder = mkdtempSync(join(tmpdir(), 'surety-outage-'));
  const killed = variant === 'killed' ? await KilledDatabase.start(folder) : undefined;
  const metricsPort = await freePort();
  const broker = new BrokerUnderTest(root, folder, {
    SURETY_METRICS_ENABLED: 'true',
    SURETY_METRICS_PORT: String(metricsPort),
    SURETY_LIMITS_JOURNAL_BYTES_MAX: String(JOURNAL_BYTES_MAX),
    SURETY_LIMITS_QUEUE_BYTES_MAX: '4000000000',
    ...(killed && { SURETY_DATABASE_URL: killed.url }),
  });
  const endAll = (): void => {
    broker.killAll();
    killed?.fail();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const endEarly = (): void => process.exit(1);
  process.on('exit', endAll).on('SIGTERM', endEarly).on('SIGINT', endEarly);
  try {
    const database = killed ?? new StandingDatabase(broker);
    const outageMs = variants[variant];
    const report = await new Outage({ broker, database, metricsPort, outageMs }).run();
    const code = await broker.stop();
    return code === 0
      ? report
      : { ...report, faults: [...report.faults, `the broker stopped with exit code ${code}`] };
  } catch (error) {
    console.log(`the broker's log ends with\n${broker.log.slice(-5000)}`);
    throw error;
  } finally {
    broker.killAll();
    await killed?.stop();
    process.off('exit', endAll).off('SIGTERM', endEarly).off('SIGINT', endEarly);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
