import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { type CliActions, commandTree, type ConfigOptions } from '../../../src/adapters/cli/cli.js';
import { examplesOf } from '../../../src/adapters/cli/examples.js';
import { NO_ACTIONS } from '../../support/no-cli-actions.js';
import { type CommandOutcome, runCommand } from '../../support/run-command.js';

interface Outcome extends CommandOutcome {
  /** The options of each call of an action. */
  readonly started: ConfigOptions[];
  readonly checked: ConfigOptions[];
}

async function run(args: string[], actions: Partial<CliActions> = {}): Promise<Outcome> {
  const started: ConfigOptions[] = [];
  const checked: ConfigOptions[] = [];
  const outcome = await runCommand(args, {
    ...actions,
    start: async (options) => {
      started.push(options);
      return actions.start?.(options) ?? 0;
    },
    migrate: async (options) => actions.migrate?.(options) ?? [],
    checkConfig: (options) => {
      checked.push(options);
      return actions.checkConfig?.(options) ?? [];
    },
  });
  return { ...outcome, started, checked };
}

describe('surety start', () => {
  test('starts without a file', async () => {
    expect(await run(['start'])).toMatchObject({ exitCode: 0, started: [{}], checked: [], out: '', err: '' });
  });

  test.each([[['--config', 'a.yaml']], [['--config=a.yaml']], [['-c', 'a.yaml']]])(
    'starts with the file that %j names',
    async (options) => {
      const { started, exitCode } = await run(['start', ...options]);
      expect({ started, exitCode }).toEqual({ started: [{ config: 'a.yaml' }], exitCode: 0 });
    },
  );

  test('starts with the file that SURETY_CONFIG names, unless --config names another', async () => {
    process.env['SURETY_CONFIG'] = 'b.yaml';
    try {
      expect((await run(['start'])).started).toEqual([{ config: 'b.yaml' }]);
      expect((await run(['start', '-c', 'a.yaml'])).started).toEqual([{ config: 'a.yaml' }]);
    } finally {
      delete process.env['SURETY_CONFIG'];
    }
  });

  test('passes the exit code of the broker on, once it has stopped', async () => {
    expect((await run(['start'], { start: () => Promise.resolve(1) })).exitCode).toBe(1);
  });

  test('tells in one line why the broker could not start, and exits with 1', async () => {
    const start = () => Promise.reject(new Error('the port 1883 is in use'));
    expect(await run(['start'], { start })).toMatchObject({
      exitCode: 1,
      out: '',
      err: 'surety: the port 1883 is in use\n',
    });
  });
});

describe('surety migrate', () => {
  test('prints a line for each step that was taken', async () => {
    const migrate = ({ config }: ConfigOptions) => Promise.resolve([`to ${config ?? ''}`, 'too']);
    expect(await run(['migrate', '--config', 'a.yaml'], { migrate })).toMatchObject({
      exitCode: 0,
      out: 'applied to a.yaml\napplied too\n',
    });
  });

  test('tells why the database could not be brought up to date, and exits with 1', async () => {
    const migrate = () => Promise.reject(new Error('another broker is running'));
    expect(await run(['migrate'], { migrate })).toMatchObject({
      exitCode: 1,
      err: 'surety: another broker is running\n',
    });
  });
});

describe('surety config check', () => {
  test('says that a sound configuration is valid, without starting the broker', async () => {
    expect(await run(['config', 'check', '--config', 'a.yaml'])).toEqual({
      exitCode: 0,
      out: 'configuration is valid\n',
      err: '',
      started: [],
      checked: [{ config: 'a.yaml' }],
    });
  });

  const faults = [
    { place: 'a.yaml:1:2', problem: 'a: is wrong', action: 'correct it' },
    { place: 'SURETY_B', problem: 'is wrong too', action: 'remove it' },
  ];

  test('prints each fault on a line and exits with 1', async () => {
    const { exitCode, out, err } = await run(['config', 'check'], { checkConfig: () => faults });
    const said = 'a.yaml:1:2: a: is wrong; correct it\nSURETY_B: is wrong too; remove it\n';
    expect({ exitCode, out, err }).toEqual({ exitCode: 1, out: '', err: said });
    const asked = await run(['config', 'check', '--json'], { checkConfig: () => faults });
    expect([asked.exitCode, JSON.parse(asked.out)]).toEqual([1, { valid: false, faults }]);
  });
});

describe('help and version', () => {
  test('--version prints the version alone', async () => {
    expect(await run(['--version'])).toMatchObject({ exitCode: 0, out: '1.2.3\n', err: '' });
  });

  test('--help names the commands, gives examples and documents the exit codes', async () => {
    const { exitCode, out, err } = await run(['--help']);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    for (const part of ['start', 'config', 'Examples:', 'surety config check --config', 'Exit codes:']) {
      expect(out).toContain(part);
    }
    expect(out).toMatch(/^ +2 {2}wrong usage, or the audit trail could not be checked$/m);
  });

  test.each([[['start', '--help']], [['help', 'start']], [['config', 'check', '--help']]])(
    '%j prints the help of the command, and runs nothing',
    async (args) => {
      const { exitCode, out, started, checked } = await run(args);
      expect({ exitCode, started, checked }).toEqual({ exitCode: 0, started: [], checked: [] });
      expect(out).toContain('--config <file>');
    },
  );
});

describe('every command', () => {
  const leaves = (command: Command, path: readonly string[]): (readonly [string, Command])[] => {
    const children = command.commands.filter((child) => child.name() !== 'help');
    if (children.length === 0) return [[path.join(' '), command]];
    return children.flatMap((child) => leaves(child, [...path, child.name()]));
  };
  const tree = commandTree(NO_ACTIONS);
  const groups = tree.commands.filter((group) => group.name() !== 'help');

  test('are told of without a listener at the standard output', () => {
    const before = process.stdout.listenerCount('error');
    commandTree(NO_ACTIONS);
    expect(process.stdout.listenerCount('error')).toBe(before);
  });

  test.each(groups.map((group) => [group.name(), group] as const))('%s has examples', (_, group) => {
    const shortcuts = ['grant', 'revoke'];
    if (!shortcuts.includes(group.name())) expect(examplesOf(group).length).toBeGreaterThan(0);
  });

  test.each(leaves(tree, []))('%s speaks to programs as well', (name, command) => {
    // One runs until it is stopped, the others write a program's text as it is.
    if (name === 'start' || name.startsWith('completion ')) return;
    expect(command.options.map(({ long }) => long)).toContain('--json');
  });
});

test.each(['0', '86401', '1.5', '-1', 'x'])('surety top refuses an interval of %s', async (interval) => {
  expect(await run(['top', `--interval=${interval}`])).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('from 1 to 86400'),
  });
});

describe('wrong usage exits with 2, says what is wrong on the error output, and runs nothing', () => {
  test.each<[string[], string]>([
    [[], 'Usage: surety'],
    [['config'], 'Usage: surety config'],
    [['strat'], 'Did you mean start?'],
    [['start', '--confg', 'x'], 'Did you mean --config?'],
    [['start', '--config'], 'argument missing'],
    [['start', 'extra'], 'too many arguments'],
    [['config', 'chekc'], 'Did you mean check?'],
    [['--port', '1'], 'unknown option'],
  ])('%j', async (args, said) => {
    const { exitCode, out, err, started, checked } = await run(args);
    expect({ exitCode, out, started, checked }).toEqual({ exitCode: 2, out: '', started: [], checked: [] });
    expect(err).toContain(said);
  });
});

test('surety backup and restore hand on what they are told, and show what was done', async () => {
  const asked: unknown[] = [];
  const backup: CliActions['backup'] = {
    backup: async (options) => ({ lines: [`to ${asked.push(options)}`, 'done'], json: { folder: 'b' } }),
    restore: async (...args) => ({ lines: [`from ${asked.push(args)}`], json: {} }),
  };
  expect(await run(['backup', '--out', 'b', '-c', 'a.yaml'], { backup })).toMatchObject({
    out: 'to 1\ndone\n',
  });
  expect(await run(['restore', 'b'], { backup })).toMatchObject({ exitCode: 0, out: 'from 2\n' });
  expect(asked).toEqual([{ out: 'b', config: 'a.yaml' }, ['b', {}]]);
  expect(await run(['restore'], { backup })).toMatchObject({ exitCode: 2 });
  expect(await run(['backup', '--json'], { backup })).toMatchObject({ out: '{"folder":"b"}\n' });
});
