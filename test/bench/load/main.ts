import { DrainRun, type DrainResult } from './drain-run.js';
import { LoadRun, type LoadResult } from './load-run.js';
import { parseLoadOptions, type LoadOptions } from './load-options.js';

/**
 * The load generator: runs once and prints one line of key=value pairs.
 * Exit code 0: each message came once, in order; 1: one did not, or a connection broke; 2: bad use.
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
    const { values, isExact } = await runLoad(options);
    process.stdout.write(`${resultLine(values)}\n`, () => process.exit(isExact ? 0 : 1));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  }
}

type Values = Record<string, string | number>;

interface Outcome {
  readonly values: Values;
  /** Whether each message came once, and in order. */
  readonly isExact: boolean;
}

async function runLoad(options: LoadOptions): Promise<Outcome> {
  const { layout, qos, payloadBytes: size, publishers: pubs, subscribers: subs, window } = options;
  const common = { layout, qos, size, pubs, subs, window };
  if (layout === 'drain') {
    const result = await new DrainRun(options).run();
    return { values: { ...common, ...drainValues(result) }, isExact: isExact(result) };
  }
  const result = await new LoadRun(options).run();
  return { values: { ...common, ...loadValues(result) }, isExact: isExact(result) };
}

function isExact({ lost, surplus, misordered }: LoadResult | DrainResult): boolean {
  return lost + surplus + misordered === 0;
}

function loadValues(result: LoadResult): Values {
  const values: Values = {
    delivered_per_s: Math.round(result.deliveredPerS),
    completed_per_s: Math.round(result.completedPerS),
    p50_ms: ms(result.p50Us),
    p99_ms: ms(result.p99Us),
    p999_ms: ms(result.p999Us),
    ack_p50_ms: ms(result.ackP50Us),
    ack_p99_ms: ms(result.ackP99Us),
    ack_p999_ms: ms(result.ackP999Us),
    acked: result.acked,
    lost: result.lost,
    surplus: result.surplus,
    misordered: result.misordered,
    load_cpu: result.loadCpu.toFixed(2),
    from_ms: Math.floor(result.fromMs),
    to_ms: Math.ceil(result.toMs),
  };
  if (result.brokerCpu !== undefined) values['broker_cpu'] = result.brokerCpu.toFixed(2);
  if (result.otherCpu !== undefined) values['other_cpu'] = result.otherCpu.toFixed(2);
  return values;
}

function drainValues(result: DrainResult): Values {
  return {
    drained_per_s: Math.round(result.drainedPerS),
    drain_s: (result.drainMs / 1000).toFixed(2),
    live_sent: result.sent,
    acked: result.acked,
    ack_p99_ms: ms(result.ackP99Us),
    lost: result.lost,
    surplus: result.surplus,
    misordered: result.misordered,
    load_cpu: result.loadCpu.toFixed(2),
  };
}

function ms(us: number): string {
  return (us / 1000).toFixed(3);
}

function resultLine(values: Values): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

await main();
