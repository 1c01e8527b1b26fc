import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface BenchOptions {
  readonly command: 'run' | 'self-check' | 'help' | 'list';
  readonly suite: string;
  /** Names of scenarios; undefined: all of the suite. */
  readonly only: readonly string[] | undefined;
  /** Names of brokers; undefined: those of the suite. */
  readonly brokers: readonly string[] | undefined;
  readonly rounds: number;
  readonly measureSeconds: number;
  readonly warmupSeconds: number;
  readonly isPinned: boolean;
  /** How long each measurement may wait until the rest of the machine is idle. */
  readonly quietWaitSeconds: number;
  /** Where the figures go as JSON. */
  readonly json: string | undefined;
  /** Whether a missed minimum makes the exit code 1. */
  readonly assert: boolean;
  /** The C load generator to compare with: its source or its binary. */
  readonly mqload: string | undefined;
}

/** What `--help` prints. */
export const usage = `npm run bench [-- OPTIONS]              measure Surety beside other brokers
npm run bench -- self-check [OPTIONS]   show that the load generator is not what limits the figures

  --suite NAME        which scenarios and brokers (memory)
  --only A,B          these scenarios alone; --list names them
  --brokers A,B       these brokers alone (surety, aedes, mosquitto, relay)
  --rounds N          measurements of each broker in each scenario, in turn (3)
  --secs N            seconds of a measurement (5)
  --warmup N          seconds of load before it (1)
  --no-pin            don't hold broker and load generator to a CPU each
  --quiet-wait N      wait up to N seconds before each measurement until the machine is idle (0)
  --json FILE         write machine, versions and figures there
  --assert            exit with 1 when a minimum ratio is missed
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
      suite: { type: 'string', default: 'memory' },
      only: { type: 'string' },
      brokers: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      secs: { type: 'string', default: '5' },
      warmup: { type: 'string', default: '1' },
      'no-pin': { type: 'boolean', default: false },
      'quiet-wait': { type: 'string', default: '0' },
      json: { type: 'string' },
      assert: { type: 'boolean', default: false },
      mqload: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    command: values.help ? 'help' : values.list ? 'list' : commandOf(positionals),
    suite: values.suite,
    only: namesIn(values.only),
    brokers: namesIn(values.brokers),
    rounds: positive('rounds', values.rounds),
    measureSeconds: positive('secs', values.secs),
    warmupSeconds: positive('warmup', values.warmup),
    isPinned: !values['no-pin'],
    quietWaitSeconds: values['quiet-wait'] === '0' ? 0 : positive('quiet-wait', values['quiet-wait']),
    json: values.json,
    assert: values.assert,
    mqload: values.mqload,
  };
}

function commandOf(positionals: readonly string[]): 'run' | 'self-check' {
  if (positionals.length === 0) return 'run';
  if (positionals.length === 1 && positionals[0] === 'self-check') return 'self-check';
  throw new Error(`unknown command ${positionals.join(' ')}`);
}

function namesIn(list: string | undefined): string[] | undefined {
  return list
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new Error(`--${name} takes a number above 0`);
  return value;
}
