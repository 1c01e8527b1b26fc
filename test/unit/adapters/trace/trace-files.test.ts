import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TRACES_MAX, TraceFiles } from '../../../../src/adapters/trace/trace-files.js';
import type { TraceInfo } from '../../../../src/application/ports/client-traces.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { silentLogger } from '../../../support/silent-logger.js';
import { waitUntil } from '../../../support/wait-until.js';

const REQUEST = { clientId: 'c', seconds: 60, bytesMax: 10_000, payloads: false };

let folder: string;
let clock: ManualClock;
let traces: TraceFiles;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'traces-'));
  clock = new ManualClock();
  traces = new TraceFiles({ folder: join(folder, 'traces'), clock, logger: silentLogger });
});

afterEach(() => rmSync(folder, { recursive: true }));

const textOf = ({ file }: TraceInfo): string => readFileSync(file, 'utf8');
const lastOf = async (info: TraceInfo): Promise<unknown> => {
  await waitUntil(() => textOf(info).includes('trace ended'), 'the last line');
  return JSON.parse(textOf(info).trimEnd().split('\n').at(-1) ?? '');
};

test('a trace is JSON Lines in a file that nobody else may read', async () => {
  const info = traces.start(REQUEST);
  traces.find('c')?.packet('in', 'PUBLISH', { topic: 't\nu', qos: 0 });
  expect(traces.find('d')).toBeUndefined();
  expect(traces.stop(info.id)).toBe(true);
  expect(await lastOf(info)).toMatchObject({ event: 'trace ended', reason: 'stopped' });
  const lines = textOf(info).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { event: 'trace started', ...REQUEST },
    { time: new Date(clock.nowMs()).toISOString(), direction: 'in', packet: 'PUBLISH', topic: 't\nu' },
    { event: 'trace ended' },
  ]);
  expect(statSync(info.file).mode & 0o777).toBe(0o600);
});

test('a trace ends when its time is over, and its client is told of', async () => {
  const changes: string[] = [];
  traces.onChange((clientId) => changes.push(clientId));
  const info = traces.start(REQUEST);
  clock.advance(59_000);
  expect(traces.list()).toMatchObject([{ id: info.id, clientId: 'c' }]);
  clock.advance(1000);
  expect(traces.list()).toEqual([]);
  expect([traces.find('c'), changes, clock.tickerCount]).toEqual([undefined, ['c', 'c'], 0]);
  expect(await lastOf(info)).toMatchObject({ reason: 'time' });
});

test('a trace ends when its file is full, a line past its limit at most', async () => {
  const info = traces.start({ ...REQUEST, bytesMax: 500 });
  const trace = traces.find('c');
  for (let i = 0; i < 100; i += 1) trace?.packet('in', 'PINGREQ');
  expect(await lastOf(info)).toMatchObject({ reason: 'size' });
  expect(textOf(info).length).toBeLessThan(800);
  expect(traces.find('c')).toBeUndefined();
});

test('no more is lost than a slow disk leaves behind, and how much is said', async () => {
  const info = traces.start({ ...REQUEST, bytesMax: 100_000_000 });
  const trace = traces.find('c');
  const payload = 'x'.repeat(100_000);
  for (let i = 0; i < 100; i += 1) trace?.packet('in', 'PUBLISH', { payload });
  await waitUntil(() => textOf(info).length > 500_000, 'the disk');
  await waitUntil(() => {
    trace?.event('again');
    return textOf(info).includes('lines lost');
  }, 'the line on what was lost');
  traces.stopAll();
  expect(await lastOf(info)).toMatchObject({ reason: 'shutdown' });
});

test('a client has one trace at a time, and there are not too many', () => {
  traces.start(REQUEST);
  expect(() => traces.start(REQUEST)).toThrow('the client c is being traced already');
  for (let i = 1; i < TRACES_MAX; i += 1) traces.start({ ...REQUEST, clientId: `c${i}` });
  expect(() => traces.start({ ...REQUEST, clientId: 'more' })).toThrow('stop a trace first');
  expect(traces.stop('nonsense')).toBe(false);
  traces.stopAll();
});

test('a folder that can not be made is the fault of the command', () => {
  const blocked = new TraceFiles({ folder: '/dev/null/traces', clock, logger: silentLogger });
  expect(() => blocked.start(REQUEST)).toThrow('/dev/null');
  expect(blocked.list()).toEqual([]);
});
