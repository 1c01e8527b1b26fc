import { beforeEach, expect, test } from '@jest/globals';
import { WatchClock } from '../../../../src/application/audit/watch-clock.js';
import { FakeTrail } from '../../../support/fake-trail.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { silentLogger } from '../../../support/silent-logger.js';

let clock: ManualClock;
let trail: FakeTrail;
let aheadMs: number;
let warned: unknown[];
let watch: WatchClock;

beforeEach(() => {
  clock = new ManualClock();
  trail = new FakeTrail();
  aheadMs = 0;
  warned = [];
  const logger = { ...silentLogger, warn: (_: string, fields?: object) => void warned.push(fields) };
  watch = new WatchClock({ trail, clock, machineMs: () => clock.nowMs() + aheadMs, logger });
  watch.start();
});

/** What the trail has been told by now. */
function told(): unknown[] {
  clock.advance(10_000);
  return trail.events.map(({ kind, details }) => [kind, details?.['machineAheadMs']]);
}

test('a clock that goes on evenly is nothing to tell, nor is one that is adjusted a little', () => {
  expect(told()).toEqual([]);
  aheadMs = 999;
  expect(told()).toEqual([]);
});

test('a clock that was set is told once, in the log as well, and again when it is set back', () => {
  aheadMs = 3_600_000.4;
  told();
  expect(told()).toEqual([['clock.stepped', 3_600_000]]);
  aheadMs = -5000;
  told();
  aheadMs = 0;
  const after = [3_600_000, -5000, 0];
  expect(told()).toEqual(after.map((ms) => ['clock.stepped', ms]));
  expect(warned).toEqual(after.map((machineAheadMs) => ({ machineAheadMs })));
});

test('the record stands at the time that the trail goes by', () => {
  aheadMs = 60_000;
  told();
  expect(trail.events).toMatchObject([{ atMs: clock.nowMs() }]);
});

test('nothing is told any more once it is stopped', () => {
  watch.stop();
  aheadMs = 60_000;
  expect(told()).toEqual([]);
});
