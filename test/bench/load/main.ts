import { LoadRun, type LoadResult } from './load-run.js';
import { parseLoadOptions, type LoadOptions } from './load-options.js';

/**
 * The load generator: runs once and prints one line of key=value pairs.
 * Exit code 0: each message came once; 1: one was lost or came again, or a connection broke; 2: bad use.
 */
async function main(): Promise<void> {
  let options: LoadOptions;
  try {
    options = parseLoadOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(2);
  }
  try {
    const result = await new LoadRun(options).run();
    const exitCode = result.lost + result.surplus > 0 ? 1 : 0;
    process.stdout.write(`${resultLine(options, result)}\n`, () => process.exit(exitCode));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  }
}

function resultLine(options: LoadOptions, result: LoadResult): string {
  const ms = (us: number): string => (us / 1000).toFixed(3);
  const pairs: Record<string, string | number> = {
    layout: options.layout,
    qos: options.qos,
    size: options.payloadBytes,
    pubs: options.publishers,
    subs: options.subscribers,
    window: options.window,
    delivered_per_s: Math.round(result.deliveredPerS),
    completed_per_s: Math.round(result.completedPerS),
    p50_ms: ms(result.p50Us),
    p99_ms: ms(result.p99Us),
    p999_ms: ms(result.p999Us),
    lost: result.lost,
    surplus: result.surplus,
    load_cpu: result.loadCpu.toFixed(2),
  };
  if (result.brokerCpu !== undefined) pairs['broker_cpu'] = result.brokerCpu.toFixed(2);
  if (result.otherCpu !== undefined) pairs['other_cpu'] = result.otherCpu.toFixed(2);
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

await main();
