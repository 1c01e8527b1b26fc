import { expect, test } from '@jest/globals';
import { parseTime } from '../../../src/adapters/cli/arguments.js';

const NOW = Date.UTC(2026, 2, 1, 12);

test.each([
  ['now', NOW],
  ['-90s', NOW - 90_000],
  ['-30m', NOW - 1_800_000],
  ['-2h', NOW - 7_200_000],
  ['-7d', NOW - 604_800_000],
  ['-1w', NOW - 604_800_000],
  ['-999999999w', 0],
  ['2028-02-29', Date.UTC(2028, 1, 29)],
  ['2026-02-28', Date.UTC(2026, 1, 28)],
  ['2026-02-28T10:30', Date.UTC(2026, 1, 28, 10, 30)],
  ['2026-02-28T10:30:15', Date.UTC(2026, 1, 28, 10, 30, 15)],
  ['2026-02-28T10:30:15.250Z', Date.UTC(2026, 1, 28, 10, 30, 15, 250)],
  ['2026-02-28T10:30+02:00', Date.UTC(2026, 1, 28, 8, 30)],
])('%s is a time', (text, ms) => expect(parseTime(text, NOW)).toBe(ms));

test.each([
  '',
  'yesterday',
  '2h',
  '-2',
  '-h',
  '-2y',
  '2026',
  '2026-13-01',
  '2026-02-30',
  '2026-02-29T12:00Z',
  '2026-02-28T25:00Z',
  '2026-02-28 10:30',
  '28.2.2026',
  '-1.5h',
])('"%s" is none', (text) => expect(parseTime(text, NOW)).toBeUndefined());
