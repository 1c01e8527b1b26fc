import { afterAll, beforeAll } from '@jest/globals';
import { fakeUnderTest, PostgresUnderTest } from '../support/storage-under-test.js';
import { describeContent } from './content-contract.js';
import { describeJournal } from './journal-contract.js';
import { describeSessions } from './session-contract.js';

let postgres: PostgresUnderTest;

beforeAll(async () => {
  postgres = await PostgresUnderTest.create();
}, 60_000);
afterAll(() => postgres.drop());

for (const [name, open] of [
  ['a storage in memory', fakeUnderTest],
  ['PostgreSQL', () => postgres.open()],
] as const) {
  describeSessions(name, open);
  describeJournal(name, open);
  describeContent(name, open);
}
