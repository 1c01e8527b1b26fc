import { beforeEach, expect, test } from '@jest/globals';
import type { LogFields, Logger } from '../../../src/application/ports/logger.js';
import { RateLimitedLog } from '../../../src/application/rate-limited-log.js';
import { ManualClock } from '../../support/manual-clock.js';

let clock: ManualClock;
let lines: [message: string, fields: LogFields | undefined][];
let log: RateLimitedLog;

beforeEach(() => {
  clock = new ManualClock();
  lines = [];
  const unexpected = (message: string) => {
    throw new Error(`misbehaviour is info, but this came as something else: ${message}`);
  };
  const info = (message: string, fields?: LogFields) => void lines.push([message, fields]);
  const logger: Logger = { error: unexpected, warn: unexpected, debug: unexpected, info };
  log = new RateLimitedLog(logger, clock, 2);
});

const report = (reason: string, times: number) => {
  for (let i = 1; i <= times; i += 1) log.report(reason, `${reason} ${i}`, { clientId: 'c' });
};

test('lines up to the limit are written as they come, with their reason and fields', () => {
  report('bad-packet', 2);
  expect(lines).toEqual([
    ['bad-packet 1', { reason: 'bad-packet', clientId: 'c' }],
    ['bad-packet 2', { reason: 'bad-packet', clientId: 'c' }],
  ]);
  clock.advance(5000);
  expect(lines).toHaveLength(2);
});

test('further lines are left out, and one line says how many once the second is over', () => {
  report('bad-packet', 7);
  expect(lines).toHaveLength(2);
  clock.advance(999);
  expect(lines).toHaveLength(2);
  clock.advance(1);
  expect(lines.slice(2)).toEqual([
    ['further lines of this reason were left out', { reason: 'bad-packet', leftOut: 5 }],
  ]);
  clock.advance(5000);
  expect(lines).toHaveLength(3);
});

test('the next second has its lines again', () => {
  report('bad-packet', 3);
  clock.advance(1000);
  report('bad-packet', 3);
  expect(lines.map(([message]) => message)).toEqual([
    'bad-packet 1',
    'bad-packet 2',
    'further lines of this reason were left out',
    'bad-packet 1',
    'bad-packet 2',
  ]);
});

test('one reason takes no lines from another', () => {
  report('bad-packet', 9);
  report('bad-login', 1);
  expect(lines.at(-1)?.[0]).toBe('bad-login 1');
});

test('closing tells what was left out so far, and leaves no tick behind', () => {
  report('bad-packet', 3);
  log.close();
  expect(lines.at(-1)).toEqual([
    'further lines of this reason were left out',
    { reason: 'bad-packet', leftOut: 1 },
  ]);
  expect(clock.tickerCount).toBe(0);
});
