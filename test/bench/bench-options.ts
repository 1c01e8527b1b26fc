import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface BenchOptions {
  readonly command: 'run' | 'report' | 'quick' | 'self-check' | 'help' | 'list';
  readonly suite: string;
  /** Names of scenarios, or the parts of a report; undefined: all of them. */
  readonly only: readonly string[] | undefined;
  /** Names of brokers; undefined: those of the suite. */
  readonly brokers: readonly string[] | undefined;
  /** Undefined: as the suite says. */
  readonly rounds: number | undefined;
  /** Undefined: as the suite says. */
  readonly measureSeconds: number | undefined;
  readonly warmupSeconds: number;
  readonly isPinned: boolean;
  /** How long each measurement may wait until the rest of the machine is idle. */
  readonly quietWaitSeconds: number;
  /** Where the figures go as JSON. */
  readonly json: string | undefined;
  /** Whether a missed minimum makes the exit code 1. */
  readonly assert: boolean;
  /** Report: whether it is only drawn anew, from the figures that are there. */
  readonly draw: boolean;
  /** The C load generator to compare with: its source or its binary. */
  readonly mqload: string | undefined;
}

const COMMANDS = ['report', 'quick', 'self-check'] as const;

/** What `--help` prints. */
export const usage = `npm run bench [-- OPTIONS]              measure Surety beside other brokers
npm run bench -- SUITE [OPTIONS]        the same with another suite, such as durable or soak; short for --suite SUITE
npm run bench -- report [OPTIONS]       measure all that is asked for, and write docs/performance.md
npm run bench -- quick                  compare with the figures of the last report, in less than two minutes
npm run bench -- self-check [OPTIONS]   show that the load generator is not what limits the figures

  --suite NAME        which scenarios and brokers: memory, access, durable, throughput, latency, connections, matching,
                      stalls, scrape or soak (memory)
  --only A,B          these scenarios alone; --list names them; report: these parts, named as suites
  --draw              report: measure nothing, write it anew from the figures that are there
  --brokers A,B       these brokers alone (surety, aedes, mosquitto, relay, bare-insert)
  --rounds N          measurements of each broker in each scenario, in turn (as the suite says)
  --secs N            seconds of a measurement (as the suite says)
  --warmup N          seconds of load before it (1)
  --no-pin            don't hold broker and load generator to a CPU each
  --quiet-wait N      wait up to N seconds before each measurement until the machine is idle (0)
  --json FILE         write machine, versions and figures there
  --assert            exit with 1 when a minimum is missed
  --mqload PATH       self-check: compare with this C load generator (.c source or program)
  --list              name the scenarios
`;

/**
 * Reads the command line.
 * @throws Error (or TypeError) that says what is wrong with it.
 */
export function parseBenchOptions(argv: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      suite: { type: 'string' },
      only: { type: 'string' },
      brokers: { type: 'string' },
      rounds: { type: 'string' },
      secs: { type: 'string' },
      warmup: { type: 'string', default: '1' },
      'no-pin': { type: 'boolean', default: false },
      'quiet-wait': { type: 'string', default: '0' },
      json: { type: 'string' },
      assert: { type: 'boolean', default: false },
      draw: { type: 'boolean', default: false },
      mqload: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [word, ...more] = positionals;
  if (more.length > 0) throw new Error(`unknown command ${positionals.join(' ')}`);
  const command = COMMANDS.find((one) => one === word) ?? 'run';
  return {
    command: values.help ? 'help' : values.list ? 'list' : command,
    suite: values.suite ?? (word === undefined || command !== 'run' ? 'memory' : word),
    only: namesIn(values.only),
    brokers: namesIn(values.brokers),
    rounds: optional('rounds', values.rounds),
    measureSeconds: optional('secs', values.secs),
    warmupSeconds: positive('warmup', values.warmup),
    isPinned: !values['no-pin'],
    quietWaitSeconds: values['quiet-wait'] === '0' ? 0 : positive('quiet-wait', values['quiet-wait']),
    json: values.json,
    assert: values.assert,
    draw: values.draw,
    mqload: values.mqload,
  };
}

function namesIn(list: string | undefined): string[] | undefined {
  return list
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function optional(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : positive(name, text);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new Error(`--${name} takes a number above 0`);
  return value;
}
