import type { TrailMonth, TrailMonths } from '../../../../src/application/ports/audit-partitions.js';
import { beforeEach, expect, test } from '@jest/globals';
import { ApplyRetention } from '../../../../src/application/audit/apply-retention.js';
import { FakeTrail } from '../../../support/fake-trail.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { silentLogger } from '../../../support/silent-logger.js';

const DAY_MS = 86_400_000;
const month = (name: string, firstSequence = 1, lastSequence = 10): TrailMonth => ({
  name,
  content: {
    ...{ firstSequence, lastSequence, records: lastSequence - firstSequence + 1 },
    lastHash: new Uint8Array(32).fill(lastSequence),
  },
});

class FakePartitions implements TrailMonths {
  ended: TrailMonth[] = [];
  firstKept = Infinity;
  asked: number[] = [];
  dropped: string[] = [];
  failure: Error | undefined;

  async endedBy(timeMs: number) {
    this.asked.push(timeMs);
    return { ended: this.ended, firstKept: this.firstKept };
  }

  async drop(names: readonly string[]): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.dropped.push(...names);
    this.ended = this.ended.filter(({ name }) => !names.includes(name));
  }
}

let partitions: FakePartitions;
let trail: FakeTrail;
let clock: ManualClock;
let isCovered: boolean;

beforeEach(() => {
  [partitions, trail, clock, isCovered] = [new FakePartitions(), new FakeTrail(), new ManualClock(), true];
});

function retention(age = { retentionDays: 30 }): ApplyRetention {
  const checkpoints = { cover: () => Promise.resolve(isCovered) };
  return new ApplyRetention({ trail, partitions, checkpoints, clock, logger: silentLogger, age });
}

test('months past their age are dropped, with a record that says what went', async () => {
  partitions.ended = [month('audit_event_2026_01'), month('audit_event_2026_02', 11, 15)];
  partitions.firstKept = 16;
  await retention().apply();
  expect(partitions.asked[0]).toBe(clock.nowMs() - 30 * DAY_MS);
  expect(partitions.dropped).toEqual(['audit_event_2026_01', 'audit_event_2026_02']);
  expect(trail.events.map(({ kind, details }) => ({ kind, ...details }))).toEqual([
    {
      kind: 'audit.dropped',
      partition: 'audit_event_2026_01, audit_event_2026_02',
      firstSequence: 1,
      lastSequence: 15,
      records: 15,
      lastHash: '0f'.repeat(32),
    },
  ]);
});

test('months whose numbers overlap go together, with the end that they have in common', async () => {
  partitions.ended = [month('audit_event_1970_01', 5, 12), month('audit_event_2026_01', 1, 11)];
  partitions.firstKept = 13;
  await retention().apply();
  expect(partitions.dropped).toEqual(['audit_event_2026_01', 'audit_event_1970_01']);
  expect(trail.events).toMatchObject([
    { details: { firstSequence: 1, lastSequence: 12, lastHash: '0c'.repeat(32) } },
  ]);
});

test('months that overlap with one that is kept wait, and those before them do not', async () => {
  partitions.ended = [
    month('audit_event_2026_01'),
    month('audit_event_2026_02', 11, 20),
    month('audit_event_2026_03', 19, 30),
  ];
  partitions.firstKept = 30;
  await retention().apply();
  expect(partitions.dropped).toEqual(['audit_event_2026_01']);
  partitions.firstKept = 31;
  await retention().apply();
  expect(partitions.dropped).toHaveLength(3);
});

test('without an age nothing is dropped, until one is set', async () => {
  const age = { retentionDays: 0 };
  const all = retention(age);
  all.start();
  clock.advance(3_600_000);
  await all.apply();
  expect(partitions.asked).toEqual([]);
  age.retentionDays = 30;
  await all.apply();
  expect(partitions.asked).toHaveLength(1);
  await all.stop();
});

test('a month stays until a checkpoint vouches for the record of its end', async () => {
  partitions.ended = [month('audit_event_2026_01')];
  isCovered = false;
  await retention().apply();
  expect(partitions.dropped).toEqual([]);
});

test('a month stays while the trail is not written, as nothing could say what went', async () => {
  partitions.ended = [month('audit_event_2026_01')];
  trail.isWritten = false;
  await retention().apply();
  expect([partitions.dropped, trail.events]).toEqual([[], []]);
});

test('a month that could not be dropped is tried again an hour later, without another record', async () => {
  partitions.ended = [month('audit_event_2026_01')];
  partitions.failure = new Error('lock timeout');
  const tried = retention();
  tried.start();
  await tried.apply();
  partitions.failure = undefined;
  clock.advance(3_600_000);
  await tried.stop();
  expect([partitions.dropped, trail.events.length, clock.tickerCount]).toEqual([
    ['audit_event_2026_01'],
    1,
    0,
  ]);
});

test('a month is kept when records before its end stand elsewhere, as dropping it would leave a gap', async () => {
  partitions.ended = [month('audit_event_2026_01')];
  partitions.firstKept = 9;
  await retention().apply();
  expect([partitions.dropped, trail.events]).toEqual([[], []]);
});

test('an empty month goes without a record', async () => {
  partitions.ended = [{ name: 'audit_event_2026_01', content: undefined }];
  await retention().apply();
  expect([partitions.dropped, trail.events]).toEqual([['audit_event_2026_01'], []]);
});
