import { parseArgs } from 'node:util';
import { type Breakage, breakages } from './broken-copy.js';
import { brokerFaults, type Fault, postgresFaults } from './faults.js';

/** How the crash test runs. */
export interface CrashOptions {
  readonly rounds: number;
  readonly seed: number;
  /** What may go wrong: by default anything, else the broker (and the database with it), the database alone, or one fault. */
  readonly faults: readonly [Fault, ...Fault[]];
  /** Messages that each publisher has in flight. */
  readonly window: number;
  /** Runs a copy of the broker that has this fault, to show that the test finds it. */
  readonly broken: Breakage | undefined;
  /** Settings of the broker beside those that the test needs. */
  readonly env: Readonly<Record<string, string>>;
  /** Leaves the data directory behind. */
  readonly keep: boolean;
}

const USAGE =
  'usage: npm run test:crash -- [--rounds N] [--seed S] [--only broker|postgres|FAULT] [--window N] ' +
  `[--broken ${Object.keys(breakages).join('|')}] [--env SURETY_NAME=VALUE]... [--keep]`;
const SEEDS = 1_000_000_000;
/** Below the number of packet ids. */
const WINDOW_MAX = 60_000;

/** @returns the options, or what is wrong with the arguments. */
export function parseCrashOptions(args: readonly string[]): CrashOptions | { readonly fault: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string', default: '30' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * SEEDS)) },
        only: { type: 'string' },
        window: { type: 'string', default: '3000' },
        broken: { type: 'string' },
        env: { type: 'string', multiple: true, default: [] },
        keep: { type: 'boolean', default: false },
      },
    });
    return {
      rounds: wholeNumber('rounds', values.rounds, 1, 100_000),
      seed: wholeNumber('seed', values.seed, 0, 4_294_967_295),
      faults: faultsOf(values.only),
      window: wholeNumber('window', values.window, 1, WINDOW_MAX),
      broken: oneOf('broken', values.broken, Object.keys(breakages) as Breakage[]),
      env: Object.fromEntries(values.env.map(setting)),
      keep: values.keep,
    };
  } catch (error) {
    return { fault: `${error instanceof Error ? error.message : String(error)}\n${USAGE}` };
  }
}

function faultsOf(only: string | undefined): readonly [Fault, ...Fault[]] {
  // The broker's own crashes are the harder ones, and weigh more.
  if (only === undefined) return [...brokerFaults, ...brokerFaults, ...postgresFaults];
  if (only === 'broker') return brokerFaults;
  if (only === 'postgres') return postgresFaults;
  const fault = oneOf('only', only, [...brokerFaults, ...postgresFaults]);
  return [fault ?? 'broker'];
}

function setting(text: string): readonly [string, string] {
  const [, name, value] = /^(SURETY_[A-Z0-9_]+)=(.*)$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new Error(`--env has to be a setting such as SURETY_AUDIT_MESSAGES=#, and is ${text}`);
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new Error(`--${name} has to be a whole number from ${min} to ${max}`);
}

function oneOf<T extends string>(
  name: string,
  text: string | undefined,
  choices: readonly T[],
): T | undefined {
  const choice = choices.find((one) => one === text);
  if (choice === undefined && text !== undefined)
    throw new Error(`--${name} has to be one of ${choices.join(', ')}`);
  return choice;
}
