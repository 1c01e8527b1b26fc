import { describe, expect, test } from '@jest/globals';
import { NodeDigest } from '../../../../src/adapters/crypto/node-digest.js';
import { VerifyTrail } from '../../../../src/application/audit/verify-trail.js';
import { linkHash } from '../../../../src/domain/audit/audit-chain.js';
import type { TrailReport } from '../../../../src/domain/audit/trail-report.js';
import type { StoredRecord } from '../../../../src/domain/audit/stored-record.js';
import {
  chained,
  linesOf,
  madeUpEvent,
  MadeUpKey,
  madeUpTrail,
  readerOf,
} from '../../../support/made-up-trail.js';

const digest = new NodeDigest();
const key = new MadeUpKey();
/** Read only. */
const trail = madeUpTrail(50);
const checkpoints = [10, 20, 30, 40].map((sequence) => key.checkpoint(trail[sequence - 1]!));

interface Given {
  readonly lines?: readonly string[];
  readonly pageRecords?: number;
}

function verify(records: readonly StoredRecord[], given: Given = {}): Promise<TrailReport> {
  const { lines = checkpoints, pageRecords = 7 } = given;
  const reader = readerOf(records, pageRecords);
  return new VerifyTrail({ reader, checkpoints: linesOf(lines), keys: key, digest }).verify();
}

/** The trail with the rows whose numbers are given replaced, by number. */
function withRows(rows: Readonly<Record<number, Partial<StoredRecord>>>): StoredRecord[] {
  return inOrder(trail.map((record) => ({ ...record, ...rows[record.sequence] })));
}

/** As a query returns them. */
function inOrder(records: readonly StoredRecord[]): StoredRecord[] {
  return [...records].sort((a, b) => a.sequence - b.sequence || a.atMs - b.atMs);
}

/** As somebody who knows the format would write it. */
function rehashed(record: StoredRecord, previousHash = record.previousHash): StoredRecord {
  return {
    ...record,
    previousHash,
    hash: linkHash(previousHash, record, (...parts) => digest.sha256(...parts)),
  };
}

const row = (sequence: number): StoredRecord => trail[sequence - 1]!;
/** What a record says, under the number and the hashes of another. */
const saying = (content: StoredRecord, { sequence, hash, previousHash }: StoredRecord): StoredRecord => ({
  ...content,
  ...{ sequence, hash, previousHash },
});
const otherHash = new Uint8Array(32).fill(9);

/** Each attack on the records 15 and 16, neither of which is under a checkpoint. */
const ATTACKS: readonly (readonly [string, () => StoredRecord[], { kind: string; sequence: number }])[] = [
  ['a client id is changed', () => withRows({ 15: { clientId: 'x' } }), { kind: 'changed', sequence: 15 }],
  ['an absent field is filled', () => withRows({ 15: { reason: '' } }), { kind: 'changed', sequence: 15 }],
  ['a detail is changed', () => withRows({ 15: { details: {} } }), { kind: 'changed', sequence: 15 }],
  [
    'a time is changed by a millisecond',
    () => withRows({ 15: { atMs: row(15).atMs + 1 } }),
    { kind: 'changed', sequence: 15 },
  ],
  [
    'a time is changed by less',
    () => withRows({ 15: { atMs: row(15).atMs + 0.5 } }),
    { kind: 'changed', sequence: 15 },
  ],
  ['a version is changed', () => withRows({ 15: { version: 2 } }), { kind: 'changed', sequence: 15 }],
  ['a hash is changed', () => withRows({ 15: { hash: otherHash } }), { kind: 'changed', sequence: 15 }],
  [
    'a previous hash is changed',
    () => withRows({ 15: { previousHash: otherHash } }),
    { kind: 'changed', sequence: 15 },
  ],
  [
    'content and hash are changed',
    () => withRows({ 15: rehashed({ ...row(15), clientId: 'x' }) }),
    { kind: 'changed', sequence: 15 },
  ],
  [
    'content, hash and number are changed',
    () => withRows({ 15: { ...row(15), clientId: 'x', hash: otherHash, previousHash: otherHash } }),
    { kind: 'changed', sequence: 15 },
  ],
  [
    'a record is removed',
    () => trail.filter(({ sequence }) => sequence !== 15),
    { kind: 'removed', sequence: 15 },
  ],
  [
    'three records are removed',
    () => trail.filter(({ sequence }) => sequence < 15 || sequence > 17),
    { kind: 'removed', sequence: 15 },
  ],
  [
    'a record is removed, and those after it are numbered anew',
    () =>
      trail
        .filter(({ sequence }) => sequence !== 15)
        .map((record) => ({ ...record, sequence: record.sequence - (record.sequence > 15 ? 1 : 0) })),
    { kind: 'removed', sequence: 15 },
  ],
  ['the first record is removed', () => trail.slice(1), { kind: 'removed', sequence: 1 }],
  [
    'the first records are removed, and the rest is numbered anew',
    () => trail.slice(5).map((record) => ({ ...record, sequence: record.sequence - 5 })),
    { kind: 'removed', sequence: 1 },
  ],
  [
    'a record is inserted under a number that exists',
    () => inOrder([...trail, rehashed({ ...row(15), atMs: row(15).atMs + 1, clientId: 'x' })]),
    { kind: 'inserted', sequence: 15 },
  ],
  [
    'a record is inserted behind one under its number',
    () => inOrder([...trail, rehashed({ ...row(15), atMs: row(15).atMs + 1 }, row(15).hash)]),
    { kind: 'inserted', sequence: 15 },
  ],
  [
    'a record is inserted with a made-up hash',
    () =>
      inOrder([...trail, { ...row(15), atMs: row(15).atMs - 1, hash: otherHash, previousHash: otherHash }]),
    { kind: 'inserted', sequence: 15 },
  ],
  [
    'a record is inserted, and those after it are numbered anew',
    () =>
      inOrder([
        ...trail.map((record) => ({
          ...record,
          sequence: record.sequence + (record.sequence >= 15 ? 1 : 0),
        })),
        rehashed({ ...row(15), clientId: 'x' }),
      ]),
    { kind: 'inserted', sequence: 15 },
  ],
  [
    'a record is inserted before the first, and the rest is numbered anew',
    () => [
      rehashed({ ...row(1), clientId: 'x' }),
      ...trail.map((record) => ({ ...record, sequence: record.sequence + 1 })),
    ],
    { kind: 'inserted', sequence: 1 },
  ],
  [
    'a record is repeated at the end',
    () => [...trail, { ...row(50), atMs: row(50).atMs + 1 }],
    { kind: 'inserted', sequence: 50 },
  ],
  [
    'the numbers of two neighbours are exchanged',
    () => withRows({ 15: { sequence: 16 }, 16: { sequence: 15 } }),
    { kind: 'reordered', sequence: 15 },
  ],
  [
    'the numbers of two distant records are exchanged',
    () => withRows({ 15: { sequence: 38 }, 38: { sequence: 15 } }),
    { kind: 'reordered', sequence: 15 },
  ],
  [
    'what two records say is exchanged under their hashes',
    () =>
      withRows({
        15: saying(row(16), row(15)),
        16: saying(row(15), row(16)),
      }),
    { kind: 'reordered', sequence: 15 },
  ],
  [
    'two lines of an export change places',
    () => [...trail.slice(0, 14), row(16), row(15), ...trail.slice(16)],
    { kind: 'reordered', sequence: 15 },
  ],
  [
    'the first two lines of an export change places',
    () => [row(2), row(1), ...trail.slice(2)],
    { kind: 'reordered', sequence: 1 },
  ],
  ['the last records are removed', () => trail.slice(0, 35), { kind: 'cut', sequence: 36 }],
  ['all records are removed', () => [], { kind: 'cut', sequence: 1 }],
  [
    'all from one record on are written anew',
    () => [
      ...trail.slice(0, 14),
      ...chained(
        Array.from({ length: 36 }, (_, i) => madeUpEvent(100 + i)),
        row(14),
      ),
    ],
    { kind: 'rewritten', sequence: 11 },
  ],
  [
    'a record under a checkpoint gets a fresh hash',
    () => withRows({ 20: rehashed({ ...row(20), clientId: 'x' }) }),
    { kind: 'changed', sequence: 20 },
  ],
];

describe('a trail that nobody has touched', () => {
  test.each([1, 7, 10, 1000])('is found whole, read %i records at a time', async (pageRecords) => {
    expect(await verify(trail, { pageRecords })).toEqual({
      fault: undefined,
      records: 50,
      first: { sequence: 1, atMs: row(1).atMs },
      last: { sequence: 50, atMs: row(50).atMs },
      checkpoints: 4,
      checkpointsBefore: 0,
      tornLines: 0,
      provenThrough: 40,
    });
  });

  test('is whole while it is empty', async () => {
    expect(await verify([], { lines: [] })).toMatchObject({ fault: undefined, records: 0, first: undefined });
  });

  test('may have several checkpoints over one record', async () => {
    const lines = [...checkpoints, checkpoints[3]!];
    expect(await verify(trail, { lines })).toMatchObject({ fault: undefined, checkpoints: 5 });
  });
});

describe('the first record is named and what was done to it', () => {
  for (const [what, attacked, fault] of ATTACKS) {
    test.each([1, 7, 1000])(`when ${what} (%i records at a time)`, async (pageRecords) => {
      const report = await verify(attacked(), { pageRecords });
      expect(report.fault).toMatchObject(fault);
    });
  }

  test('without a checkpoint a chain that was written anew is not noticed', async () => {
    expect((await verify(madeUpTrail(5), { lines: [] })).fault).toBeUndefined();
  });

  test('between which checkpoints it was rewritten is said', async () => {
    const [, attacked] = ATTACKS.find(([, , { kind }]) => kind === 'rewritten')!;
    const { fault } = await verify(attacked());
    expect(fault?.message).toContain(
      'between the checkpoint over record 10 and the checkpoint over record 20',
    );
  });
});

describe('records that retention dropped', () => {
  const dropped = { kind: 'audit.dropped' as const, details: detailsFor(20) };
  const rest = chained([madeUpEvent(51, dropped), madeUpEvent(52), madeUpEvent(53)], row(50));
  const remaining = [...trail.slice(20), ...rest];
  const signed = [...checkpoints, key.checkpoint(rest[1]!)];

  function detailsFor(last: number): Record<string, string | number> {
    return { lastSequence: last, lastHash: Buffer.from(row(last).hash).toString('hex') };
  }

  test('are missed by nobody, when a record says so and a checkpoint vouches for it', async () => {
    expect(await verify(remaining, { lines: signed })).toMatchObject({
      fault: undefined,
      records: 33,
      checkpoints: 4,
      checkpointsBefore: 1,
      provenThrough: 52,
    });
  });

  test('count as removed when no record says so', async () => {
    expect((await verify(trail.slice(20))).fault).toEqual({
      kind: 'removed',
      sequence: 1,
      message: 'records 1 to 20 were removed at the beginning: no record says that retention dropped them',
    });
  });

  test('count as removed when more is missing than the record says', async () => {
    expect((await verify(remaining.slice(1), { lines: signed })).fault).toMatchObject({ kind: 'removed' });
  });

  test('count as removed while no checkpoint vouches for the record that says so', async () => {
    const { fault } = await verify(remaining);
    expect(fault).toMatchObject({ kind: 'removed', sequence: 1 });
    expect(fault?.message).toContain(
      'record 51, which says that retention dropped them, is vouched for by no',
    );
  });

  test('a checkpoint over the last of them is held against the first that remains', async () => {
    const other = key.checkpoint({ ...row(20), hash: otherHash });
    const lines = [checkpoints[0]!, other, ...signed.slice(2)];
    expect((await verify(remaining, { lines })).fault).toMatchObject({ kind: 'rewritten' });
  });
});

describe('checkpoints that are not what the broker has signed', () => {
  const text = (part: string): unknown => expect.stringContaining(part);

  test('one that was changed is named with its line', async () => {
    const lines = [checkpoints[0]!, checkpoints[1]!.replace('"atMs":17', '"atMs":18')];
    expect((await verify(trail, { lines })).fault).toEqual({
      kind: 'forged',
      sequence: 20,
      message: text('in line 2 of checkpoints.jsonl does not bear the signature of its key'),
    });
  });

  test('one of another key is named with the key', async () => {
    const lines = [new MadeUpKey('ffffffffffffffff').checkpoint(row(10))];
    expect((await verify(trail, { lines })).fault).toMatchObject({
      kind: 'forged',
      message: text('was signed with the key ffffffffffffffff, which is not among the public keys'),
    });
  });

  test('one that goes back and is older tells that the file was changed', async () => {
    const lines = [checkpoints[1]!, checkpoints[0]!];
    expect((await verify(trail, { lines })).fault).toMatchObject({
      kind: 'forged',
      message: text('goes back'),
    });
  });

  describe('one that goes back and is newer, as from a broker that was started on a trail that had been cut', () => {
    const goneOn = chained(
      [51, 52, 53, 54, 55].map((n) => madeUpEvent(n)),
      row(15),
    );
    const cut = [...trail.slice(0, 15), ...goneOn];
    const lines = [...checkpoints, key.checkpoint(goneOn[2]!)];
    const fault = {
      kind: 'cut',
      sequence: 11,
      message: text(
        'record 18, and perhaps others from 11 on, is another than before, as line 5 of checkpoints.jsonl',
      ),
    };

    test('tells so while the trail is shorter than it was', async () => {
      expect((await verify(cut.slice(0, 18), { lines })).fault).toEqual(fault);
    });

    test('tells so when the trail has grown past what was signed before', async () => {
      expect((await verify(cut, { lines })).fault).toEqual(fault);
    });

    test('does not hide what was done to the rest', async () => {
      const changed = cut.with(4, { ...row(5), clientId: 'x' });
      expect((await verify(changed, { lines })).fault).toMatchObject({ kind: 'changed', sequence: 5 });
    });
  });

  test('half a line, as a crash leaves it, is counted', async () => {
    const lines = [checkpoints[0]!.slice(0, 100), ...checkpoints, 'null', '{"version":1}'];
    expect(await verify(trail, { lines })).toMatchObject({ fault: undefined, tornLines: 3, checkpoints: 4 });
  });
});

test('the checkpoints are asked for before the first page, as a running broker goes on signing', async () => {
  const asked: string[] = [];
  const lines = linesOf(checkpoints);
  const reader = readerOf(trail);
  await new VerifyTrail({
    checkpoints: { ...lines, lines: () => (asked.push('checkpoints'), lines.lines()) },
    reader: { ...reader, pages: (filter) => (asked.push('pages'), reader.pages(filter)) },
    ...{ keys: key, digest },
  }).verify();
  expect(asked).toEqual(['checkpoints', 'pages']);
});
