import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openAuditDatabase } from '../../../src/adapters/postgres/audit-database.js';
import { PostgresAuditReader } from '../../../src/adapters/postgres/audit-reader.js';
import type { AuditFilter } from '../../../src/application/ports/audit-reader.js';
import type { StoredRecord } from '../../../src/domain/audit/stored-record.js';
import { AuditedDatabase } from '../../support/audited-database.js';
import { chained, madeUpEvent } from '../../support/made-up-trail.js';
import { silentLogger } from '../../support/silent-logger.js';

const start = Date.UTC(2026, 0, 31, 23, 59, 50);
const long = 'é'.repeat(300);
const records = chained([
  ...Array.from({ length: 5000 }, (_, i) => madeUpEvent(i, { atMs: start + i * 10, clientId: 'many' })),
  madeUpEvent(1, { atMs: start + 60_000, clientId: `${long}1`, principal: 'zoë', topic: 'a/b' }),
  madeUpEvent(2, { atMs: start + 60_001, clientId: `${long}2`, kind: 'will.published', topic: 'a/bc' }),
  madeUpEvent(3, { atMs: start + 60_002, clientId: '', kind: 'retained.set', topic: "a%'_" }),
]);

let audited: AuditedDatabase;

beforeAll(async () => {
  audited = await AuditedDatabase.create();
  await audited.hold(records, 10_000);
}, 60_000);
afterAll(() => audited.drop());

/** The pages that are read until so many are. */
async function pagesOf(filter: AuditFilter, pagesMax = Infinity): Promise<(readonly StoredRecord[])[]> {
  const database = await openAuditDatabase({ url: audited.url, dataDir: '/nowhere', logger: silentLogger });
  const pages = [];
  try {
    for await (const page of new PostgresAuditReader(database.sql).pages(filter)) {
      pages.push(page);
      if (pages.length === pagesMax) break;
    }
  } finally {
    await database.close();
  }
  return pages;
}

const find = async (filter: AuditFilter) => (await pagesOf(filter)).flat().map(({ sequence }) => sequence);

test('everything comes back in order, a page at a time, as it was written', async () => {
  const pages = await pagesOf({});
  expect(pages.length).toBeGreaterThan(2);
  const plain = (list: readonly StoredRecord[]) =>
    list.map((record) => ({
      ...record,
      hash: Buffer.from(record.hash),
      previousHash: Buffer.from(record.previousHash),
    }));
  expect(plain(pages.flat())).toEqual(plain(records));
});

test.each<[string, AuditFilter, number[]]>([
  ['a client id', { clientId: `${long}2` }, [5002]],
  ['an empty client id', { clientId: '' }, [5003]],
  ['a principal', { principal: 'zoë' }, [5001]],
  ['a kind', { kinds: ['will.published'] }, [5002]],
  ['several kinds', { kinds: ['will.published', 'retained.set'] }, [5002, 5003]],
  ['the beginning of a topic', { topicPrefix: 'a/b' }, [5001, 5002]],
  ['a topic with the signs of a pattern', { topicPrefix: "a%'_" }, [5003]],
  ['a time', { fromMs: start + 60_001 }, [5002, 5003]],
  [
    'a time, to the millisecond, without its end',
    { fromMs: start + 60_000, toMs: start + 60_002 },
    [5001, 5002],
  ],
  [
    'all at once',
    { fromMs: start, toMs: start + 70_000, kinds: ['retained.set'], clientId: '', topicPrefix: 'a' },
    [5003],
  ],
  ['what there is not', { principal: 'nobody' }, []],
])('records are found by %s', async (_, filter, found) => {
  expect(await find(filter)).toEqual(found);
});

test('a reader that has enough may leave', async () => {
  const pages = await pagesOf({}, 1);
  expect(pages[0]?.[0]?.sequence).toBe(1);
});

test('how far the trail reaches is told', async () => {
  const reader = new PostgresAuditReader(audited.sql);
  expect(await reader.extent()).toEqual({ firstSequence: 1, lastSequence: 5003 });
});

test('a directory in which no broker has ever written is named', async () => {
  const opened = openAuditDatabase({ url: undefined, dataDir: '/nowhere', logger: silentLogger });
  await expect(opened).rejects.toThrow('no broker has written data in /nowhere');
});
