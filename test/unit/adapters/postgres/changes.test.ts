import { expect, test } from '@jest/globals';
import { Changes } from '../../../../src/adapters/postgres/journal/batch.js';
import { storedSession } from '../../../support/journal-entries.js';

test('what gives way in several full queues by turns is one range for each of them', () => {
  const changes = new Changes();
  const [a, b] = [storedSession(1), storedSession(2)];
  for (const [after, behindEntry] of [
    [4, 1],
    [5, 2],
    [6, 3],
  ] as const) {
    for (const session of [a, b]) {
      const trim = { after, through: after + 1, expected: { messages: 1, bytes: 10 } };
      changes.trim(session, trim, { behindEntry, telling: undefined });
    }
  }
  const range = { after: 4, through: 7, expected: { messages: 3, bytes: 30 }, behindEntry: 3 };
  expect(changes.trims).toEqual([
    { ...range, session: a, telling: undefined },
    { ...range, session: b, telling: undefined },
  ]);
});
