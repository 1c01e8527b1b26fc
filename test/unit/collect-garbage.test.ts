import { expect, test } from '@jest/globals';
import { collectGarbage } from '../../src/collect-garbage.js';

test('what nobody holds any longer is gone afterwards, and what somebody holds is there', async () => {
  const dropped = new WeakRef({});
  const held = {};
  const kept = new WeakRef(held);
  // What a turn of the event loop has looked at lives until its end.
  await new Promise(setImmediate);
  collectGarbage();
  expect(dropped.deref()).toBeUndefined();
  expect(kept.deref()).toBe(held);
});
