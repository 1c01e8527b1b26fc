import { describe, expect, test } from '@jest/globals';
import type { AuditActions, SearchOptions } from '../../../src/adapters/cli/audit-commands.js';
import type { CliActions } from '../../../src/adapters/cli/cli.js';
import type { TrailReport } from '../../../src/domain/audit/trail-report.js';
import { runCommand } from '../../support/run-command.js';

const whole: TrailReport = {
  fault: undefined,
  records: 12,
  first: { sequence: 3, atMs: Date.UTC(2026, 0, 1) },
  last: { sequence: 14, atMs: Date.UTC(2026, 0, 2) },
  checkpoints: 2,
  checkpointsBefore: 0,
  tornLines: 0,
  provenThrough: 10,
};

/** Runs a command with these actions; `readsMax` texts are read before the reader goes away. */
async function run(
  args: string[],
  over: Partial<AuditActions> & Partial<CliActions> = {},
  readsMax = Infinity,
) {
  const progress: string[] = [];
  const audit: AuditActions = {
    keygen: () => ({ lines: [], json: {} }),
    verify: async () => whole,
    async *trail() {
      yield await Promise.resolve([]);
    },
    async *find() {
      yield 'text';
    },
    ...over,
  };
  const terminal = { readsMax, progress: (text: string) => void progress.push(text) };
  return { ...(await runCommand(args, { ...over, audit }, terminal)), progress };
}

describe('surety audit keygen', () => {
  test('prints what was made', async () => {
    const keygen = ({ out }: { out: string }) => ({ lines: [`in ${out}`], json: { privateFile: out } });
    expect(await run(['audit', 'keygen', '--out', 'keys'], { keygen })).toMatchObject({
      exitCode: 0,
      out: 'in keys\n',
    });
  });

  test('says why it refuses, and exits with 1', async () => {
    const keygen = () => {
      throw new Error('key.pem is there already');
    };
    const { exitCode, err } = await run(['audit', 'keygen'], { keygen });
    expect([exitCode, err]).toEqual([1, 'surety: key.pem is there already\n']);
  });
});

describe('surety audit verify', () => {
  const verify = (report: TrailReport) => ({ verify: () => Promise.resolve(report) });

  test('exits with 0 when all is well, and says what was checked and what is not proven', async () => {
    const { exitCode, out } = await run(['audit', 'verify']);
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: [
        'the audit trail is as it was written',
        '12 records checked: 3 (2026-01-01T00:00:00.000Z) to 14 (2026-01-02T00:00:00.000Z)',
        '2 checkpoints checked: they vouch for the records to 10; 4 records after that could be replaced unseen until the next checkpoint',
        '',
      ].join('\n'),
    });
  });

  test('says when checkpoints vouch for all', async () => {
    const { out } = await run(['audit', 'verify'], verify({ ...whole, provenThrough: 14 }));
    expect(out).toContain('2 checkpoints checked: they vouch for every record\n');
  });

  test('tells of torn lines, and of checkpoints about dropped records', async () => {
    const { out } = await run(['audit', 'verify'], verify({ ...whole, tornLines: 1, checkpointsBefore: 7 }));
    expect(out).toContain('7 checkpoints about records that were dropped\n');
    expect(out).toContain("1 line of the checkpoint file can't be read");
  });

  test('exits with 1 and names the fault first', async () => {
    const fault = { kind: 'changed' as const, sequence: 15, message: 'record 15 was changed: why' };
    const { exitCode, out } = await run(['audit', 'verify'], verify({ ...whole, fault }));
    expect([exitCode, out.split('\n')[0]]).toEqual([1, 'record 15 was changed: why']);
  });

  test('exits with 2 when it can not be checked', async () => {
    const { exitCode, err, out } = await run(['audit', 'verify'], {
      verify: () => Promise.reject(new Error('the checkpoint file x is not there')),
    });
    expect({ exitCode, err, out }).toEqual({
      exitCode: 2,
      err: "surety: the audit trail can't be verified: the checkpoint file x is not there\n",
      out: '',
    });
  });

  test('prints JSON for programs', async () => {
    const { out } = await run(['audit', 'verify', '--json']);
    expect(JSON.parse(out)).toEqual({
      ...{ intact: true, fault: null, records: 12, checkpoints: 2, checkpointsBefore: 0, tornLines: 0 },
      first: { sequence: 3, at: '2026-01-01T00:00:00.000Z' },
      last: { sequence: 14, at: '2026-01-02T00:00:00.000Z' },
      ...{ provenThrough: 10, unproven: 4 },
    });
  });

  test('passes on where everything is, and shows how far it is', async () => {
    const args = ['--export', 'e.jsonl', '--public-key', 'a.pem', 'b.pem', '--checkpoints', 'c.jsonl'];
    const { progress } = await run(['audit', 'verify', ...args], {
      verify: async (options, told) => {
        expect(options).toEqual({ export: 'e.jsonl', publicKey: ['a.pem', 'b.pem'], checkpoints: 'c.jsonl' });
        told(250, 1000);
        return whole;
      },
    });
    expect(progress).toEqual(['250 of 1000 (25 %) records checked', '']);
  });
});

describe('surety audit search and export', () => {
  /** The options that the command was called with. */
  async function optionsOf(args: string[]) {
    const calls: [SearchOptions, boolean][] = [];
    const { err, exitCode } = await run(['audit', ...args], {
      // eslint-disable-next-line require-yield -- there is nothing to find.
      async *find(options, isExport) {
        calls.push([options, isExport]);
      },
    });
    return { calls, err, exitCode };
  }

  test('read every filter', async () => {
    const filters = ['--from', '2026-01-01', '--to', '2026-01-02', '--client', 'c', '--principal', 'p'];
    const rest = [
      '--kind',
      'will.published',
      'retained.set',
      '--topic',
      'a/#',
      '--format',
      'csv',
      '--limit',
      '5',
    ];
    const { calls } = await optionsOf(['search', ...filters, ...rest]);
    expect(calls).toEqual([
      [
        {
          ...{ from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 2), client: 'c', principal: 'p' },
          ...{ kind: ['will.published', 'retained.set'], topic: 'a/#', format: 'csv', limit: 5 },
        },
        false,
      ],
    ]);
  });

  test('take a time ago', async () => {
    const { calls } = await optionsOf(['search', '--from', '-2h']);
    expect(Math.abs(calls[0]![0].from! - (Date.now() - 7_200_000))).toBeLessThan(60_000);
  });

  test('a whole export says nothing, any other that it can not be verified', async () => {
    expect(await optionsOf(['export'])).toMatchObject({ calls: [[{ format: 'jsonl' }, true]], err: '' });
    for (const args of [
      ['--client', 'c'],
      ['--limit', '3'],
      ['--format', 'csv'],
    ]) {
      expect((await optionsOf(['export', ...args])).err).toContain("this export can't be verified");
    }
    expect((await optionsOf(['search', '--client', 'c'])).err).toBe('');
  });

  test.each([
    ['--from', 'yesterday'],
    ['--limit', '0'],
    ['--kind', 'nonsense'],
    ['--format', 'xml'],
    ['--topic', 'a/#/b'],
    ['--topic', ''],
  ])('refuse %s %j as wrong usage', async (option, value) => {
    expect(await optionsOf(['search', option, value])).toMatchObject({ exitCode: 2, calls: [] });
  });

  test.each([['search'], ['export'], ['trail', '--topic', '#']])(
    'refuse times that are mixed up: %s',
    async (...args) => {
      const { exitCode, err, calls } = await optionsOf([...args, '--from', '-1h', '--to', '-2h']);
      expect({ exitCode, err, calls }).toEqual({
        exitCode: 2,
        err: 'surety: --from must be before --to: nothing lies between them\n',
        calls: [],
      });
    },
  );

  test('stop when nobody reads any longer', async () => {
    let given = 0;
    const endless = {
      async *find() {
        for (;;) yield String(++given);
      },
    };
    expect(await run(['audit', 'search'], endless, 3)).toMatchObject({ exitCode: 0, out: '123' });
  });
});
