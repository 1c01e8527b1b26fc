import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AuditedDatabase } from '../../support/audited-database.js';
import { chained, madeUpEvent } from '../../support/made-up-trail.js';

/** Long enough for several pages, with everything that a record may hold, over the turn of a month. */
const trail = chained(
  Array.from({ length: 5000 }, (_, i) =>
    madeUpEvent(i + 1, {
      atMs: Date.UTC(2026, 0, 31, 23) + i * 1000,
      ...(i % 3 === 0 && {
        principal: 'Zoë "quoted" \\ \n\t\u{1f600}',
        authentication: 'password',
        listener: 'mqtt',
        session: Number.MAX_SAFE_INTEGER,
        reason: 'a reason',
        rule: 'acl line 3',
        topic: 'a/b/\u{10ffff}',
        details: { ten: { '10': 1, '2': [true, null, 'x'], a: -5 }, '': 'é', b: Number.MAX_SAFE_INTEGER },
      }),
    }),
  ),
);

let audited: AuditedDatabase;

beforeAll(async () => {
  audited = await AuditedDatabase.create();
}, 60_000);
afterAll(() => audited.drop());
beforeEach(() => audited.hold(trail, 500));

/** What a superuser does to the table. */
async function attack(...statements: string[]): Promise<void> {
  await audited.disarm();
  for (const statement of statements) await audited.sql.unsafe(statement);
}

/** Numbers the records from one on anew, out of the way of the unique index. */
const renumber = (from: number, by: number): string[] => [
  `update surety.audit_event set sequence = -(sequence + ${by}) where sequence >= ${from}`,
  'update surety.audit_event set sequence = -sequence where sequence < 0',
];

describe('the trail in the database', () => {
  test('is found whole, over several months', async () => {
    expect(await audited.verify()).toEqual({
      fault: undefined,
      records: 5000,
      first: { sequence: 1, atMs: trail[0]!.atMs },
      last: { sequence: 5000, atMs: trail[4999]!.atMs },
      checkpoints: 10,
      checkpointsBefore: 0,
      tornLines: 0,
      provenThrough: 5000,
    });
  });

  test.each([
    'update surety.audit_event set reason = null',
    'delete from surety.audit_event',
    'truncate surety.audit_event',
  ])('refuses "%s", even from its owner', async (statement) => {
    await expect(audited.sql.unsafe(statement)).rejects.toThrow('the audit trail is never changed');
  });
});

describe("a superuser's tampering is found, and the first record named", () => {
  const faultOf = async () => {
    const { fault } = await audited.verify();
    return fault && { kind: fault.kind, sequence: fault.sequence };
  };

  test('when a record was changed', async () => {
    await attack(`update surety.audit_event set client_id = 'somebody' where sequence = 4321`);
    expect(await faultOf()).toEqual({ kind: 'changed', sequence: 4321 });
  });

  test.each([
    ['a detail', `details = jsonb_set(details, '{number}', '1')`],
    ['a time', `at = at + interval '1 ms'`],
    ['the version', 'version = 2'],
    ['the node', `node = 'b'`],
    ['an absent value', `reason = ''`],
  ])('when %s of a record was changed', async (_, change) => {
    await attack(`update surety.audit_event set ${change} where sequence = 2222`);
    expect(await faultOf()).toEqual({ kind: 'changed', sequence: 2222 });
  });

  test('when records were removed', async () => {
    await attack('delete from surety.audit_event where sequence between 3001 and 3003');
    expect(await faultOf()).toEqual({ kind: 'removed', sequence: 3001 });
  });

  test('when a record was removed and the rest numbered anew', async () => {
    await attack('delete from surety.audit_event where sequence = 3001', ...renumber(3002, -1));
    expect(await faultOf()).toEqual({ kind: 'removed', sequence: 3001 });
  });

  test('when a record was inserted', async () => {
    await attack(
      `insert into surety.audit_event select 777, at + interval '1 ms', node, version, kind, 'somebody', principal, authentication,
         address, listener, session_key, reason, rule, topic, details, previous_hash, hash from surety.audit_event where sequence = 777`,
    );
    expect(await faultOf()).toEqual({ kind: 'inserted', sequence: 777 });
  });

  test('when a record was inserted between two, and the rest numbered anew', async () => {
    await attack(
      ...renumber(778, 1),
      `insert into surety.audit_event select 778, at, node, version, kind, 'somebody', principal, authentication,
         address, listener, session_key, reason, rule, topic, details, previous_hash, sha256('made up') from surety.audit_event where sequence = 777`,
    );
    expect(await faultOf()).toEqual({ kind: 'inserted', sequence: 778 });
  });

  test('when two records changed places', async () => {
    await attack(
      'update surety.audit_event set sequence = -100 where sequence = 100',
      'update surety.audit_event set sequence = 100 where sequence = 160',
      'update surety.audit_event set sequence = 160 where sequence = -100',
    );
    expect(await faultOf()).toEqual({ kind: 'reordered', sequence: 100 });
  });

  test('when the trail was cut from the end', async () => {
    await attack('delete from surety.audit_event where sequence > 4400');
    expect(await faultOf()).toEqual({ kind: 'cut', sequence: 4401 });
  });

  test('when its first month was dropped', async () => {
    await attack('drop table surety.audit_event_2026_01');
    expect(await faultOf()).toEqual({ kind: 'removed', sequence: 1 });
  });

  test('when all from one record on was written anew, with hashes that fit each other', async () => {
    const forged = chained(
      trail.slice(1233).map(({ atMs, kind, address }) => ({ atMs, kind, address, clientId: 'somebody' })),
      trail[1232],
    );
    const before = trail.slice(0, 1233);
    const honest = await audited.verify();
    const lines = [];
    for await (const { text } of audited.checkpoints.lines()) lines.push(text);
    await audited.hold([...before, ...forged], 10_000);
    const { writeFileSync } = await import('node:fs');
    writeFileSync(audited.checkpoints.description, `${lines.join('\n')}\n`);
    expect(honest.fault).toBeUndefined();
    const { fault } = await audited.verify();
    expect(fault).toMatchObject({ kind: 'rewritten', sequence: 1001 });
    expect(fault?.message).toContain(
      'between the checkpoint over record 1000 and the checkpoint over record 1500',
    );
  });
});
