import { fileURLToPath } from 'node:url';
import type { ChildPool } from './child-pool.js';
import type { LoadFlags } from './load/load-options.js';

/** A load generator's program: ours, or one with the same options and output. */
export interface LoadProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** Whether it takes `--pid` to read the broker's CPU time. */
  readonly readsBrokerCpu: boolean;
}

/** How long a run measures, after how long a warm-up, in seconds. */
export interface LoadTimes {
  readonly measureSeconds: number;
  readonly warmupSeconds: number;
}

/** The numbers of a run, or why there are none; both when messages were lost. */
export interface LoadOutcome {
  readonly values: Readonly<Record<string, number>>;
  readonly failure?: string | undefined;
}

/** What a run may take on top of its times: handshakes, stalls and draining. */
const SLACK_SECONDS = 40;

/** The load generator of this benchmark. */
export const ownLoadProgram = (): LoadProgram => ({
  command: process.execPath,
  args: [fileURLToPath(new URL('./load/main.js', import.meta.url))],
  readsBrokerCpu: true,
});

/** Runs loads in child processes. */
export class LoadDriver {
  /** @param cpu The CPU that the load generator is held to; undefined: any. */
  constructor(
    private readonly pool: ChildPool,
    private readonly cpu: number | undefined,
    readonly times: LoadTimes,
  ) {}

  /** Drives one load against a broker; a failure is a value, never thrown. */
  async drive(program: LoadProgram, flags: LoadFlags, broker: Broker): Promise<LoadOutcome> {
    const times = { secs: this.times.measureSeconds, warmup: this.times.warmupSeconds };
    const all: LoadFlags = { ...times, ...flags, port: broker.port };
    const args = Object.entries(program.readsBrokerCpu ? { ...all, pid: broker.pid } : all).flatMap(
      ([name, value]) => [`--${name}`, String(value)],
    );
    const child = this.pool.start({
      command: program.command,
      args: [...program.args, ...args],
      cpu: this.cpu,
    });
    const { code, stdout } = await child.finish(
      (Number(all['secs']) + Number(all['warmup']) + SLACK_SECONDS) * 1000,
    );
    const values = parseResultLine(stdout);
    const lost = values['lost'] ?? 0;
    const surplus = values['surplus'] ?? 0;
    const misordered = values['misordered'] ?? 0;
    if (surplus > 0) return { values, failure: `${surplus} messages more than were sent` };
    if (lost > 0) return { values, failure: `${lost} messages lost` };
    if (misordered > 0) return { values, failure: `${misordered} messages out of order` };
    if (code !== 0) return { values: {}, failure: `load generator ended with ${code}: ${child.lastWords()}` };
    return { values };
  }
}

interface Broker {
  readonly port: number;
  readonly pid: number;
}

/** Reads the numeric pairs of a `key=value key=value` line; words are passed over. */
export function parseResultLine(line: string): Record<string, number> {
  const values: Record<string, number> = {};
  for (const pair of line.trim().split(/\s+/)) {
    const [key, text] = pair.split('=');
    const value = Number(text);
    if (key !== undefined && text !== undefined && text !== '' && Number.isFinite(value)) values[key] = value;
  }
  return values;
}
