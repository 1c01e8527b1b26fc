import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { inCommands } from '../../../src/adapters/cli/admin/hints.js';

test.each([
  ['there is no user "a": GET /v1/users lists those that there are', '"surety user list" lists those'],
  ['GET /v1/roles/:role/rules lists them', '"surety role show" lists them'],
  ['queuePolicy is refuse: GET /v1/sessions?queuedMin=1 finds it', '"surety queue list" finds it'],
  ['body/topic is no topic name', 'topic is no topic name'],
])('what the API says as %j speaks of commands', (detail, said) => {
  expect(inCommands(detail)).toContain(said);
});

test('every call that the API advises is a command, too', () => {
  const folder = new URL('../../../src/adapters/http/', import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const advised = sources.flatMap(
    (name) => readFileSync(new URL(name, folder), 'utf8').match(/[:;] [^'`\n]*GET \/v1[^'`\n]*/g) ?? [],
  );
  expect(advised.length).toBeGreaterThan(8);
  expect(advised.map(inCommands).filter((text) => text.includes('/v1'))).toEqual([]);
});
