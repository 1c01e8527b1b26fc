import { expect, test } from '@jest/globals';
import { FairShare } from '../../../src/adapters/mqtt/fair-share.js';
import { LaterTurn } from '../../../src/adapters/mqtt/turns.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what is asked for again before its turn has come is done once, and can be asked for anew while it is done', async () => {
  let done = 0;
  const later = new LaterTurn(new FairShare(), () => {
    done += 1;
    if (done === 1) later.ask();
  });
  later.ask();
  later.ask();
  expect([done, later.isDue]).toEqual([0, true]);
  await turn();
  expect([done, later.isDue]).toEqual([1, true]);
  await turn();
  await turn();
  expect([done, later.isDue]).toEqual([2, false]);
});
