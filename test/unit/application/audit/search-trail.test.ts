import { expect, test } from '@jest/globals';
import { SearchTrail } from '../../../../src/application/audit/search-trail.js';
import type { TrailQuery } from '../../../../src/application/ports/audit-archive.js';
import type { AuditFilter, AuditReader } from '../../../../src/application/ports/audit-reader.js';
import { chained, madeUpEvent } from '../../../support/made-up-trail.js';

const topics = ['a', 'a/b', 'a/b/c', 'a/c', 'ab', 'x/b', '', undefined, 'a/b', 'a/+'];
const records = chained(topics.map((topic, i) => madeUpEvent(i, { topic })));

/** What was found, and what was asked of the reader; it pages by three and has had to give so many pages. */
async function search(query: TrailQuery) {
  const asked: AuditFilter[] = [];
  let pages = 0;
  const reader: AuditReader = {
    extent: async () => undefined,
    async *pages(filter) {
      asked.push(filter);
      for (let i = 0; i < records.length; i += 3, pages++) yield records.slice(i, i + 3);
    },
  };
  const found = [];
  for await (const page of new SearchTrail(reader).search(query)) found.push(...page);
  return { topics: found.map(({ topic }) => topic), prefix: asked[0]?.topicPrefix, pages, asked };
}

test.each([
  ['a/b', ['a/b', 'a/b'], 'a/b'],
  ['a/+', ['a/b', 'a/c', 'a/b', 'a/+'], 'a/'],
  ['a/#', ['a', 'a/b', 'a/b/c', 'a/c', 'a/b', 'a/+'], 'a'],
  ['+/b', ['a/b', 'x/b', 'a/b'], ''],
  ['#', ['a', 'a/b', 'a/b/c', 'a/c', 'ab', 'x/b', '', 'a/b', 'a/+'], ''],
  ['+', ['a', 'ab', ''], ''],
  ['a/+/c', ['a/b/c'], 'a/'],
])('topics are found by the filter %s', async (topic, found, prefix) => {
  expect(await search({ topic })).toMatchObject({ topics: found, prefix });
});

test('a limit ends the search as soon as it is reached', async () => {
  expect(await search({ limit: 3 })).toMatchObject({ topics: topics.slice(0, 3), pages: 0 });
  expect((await search({ topic: 'a/b', limit: 1 })).topics).toEqual(['a/b']);
});

test('all else is for the reader to find', async () => {
  const query = { fromMs: 1, toMs: 2, clientId: 'c', principal: 'p', kinds: ['will.published' as const] };
  expect((await search(query)).asked).toEqual([{ ...query, topicPrefix: undefined }]);
});
