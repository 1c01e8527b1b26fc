import { closeSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { boundServerLog, openServerLog, readTail } from '../../../src/adapters/postgres/server-log.js';

let directory: string;
let log: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-'));
  log = join(directory, 'postgres.log');
});

afterEach(() => rmSync(directory, { recursive: true }));

const tooLong = 'x'.repeat(11 * 1024 * 1024);

describe('the log of the server', () => {
  test('is cut while the server holds it open, and grows on from its new end', () => {
    const { descriptor } = openServerLog(log);
    writeSync(descriptor, tooLong);
    boundServerLog(log);
    writeSync(descriptor, 'after');
    closeSync(descriptor);
    expect(readFileSync(log, 'utf8')).toBe('after');
    expect(statSync(`${log}.1`).size).toBe(tooLong.length);
  });

  test('is left alone below its limit', () => {
    writeFileSync(log, 'short');
    boundServerLog(log);
    expect(readFileSync(log, 'utf8')).toBe('short');
  });

  test('begins anew at a start after it grew past its limit', () => {
    writeFileSync(log, tooLong);
    const { descriptor, startBytes } = openServerLog(log);
    closeSync(descriptor);
    expect(startBytes).toBe(0);
    expect(statSync(`${log}.1`).size).toBe(tooLong.length);
  });

  test('shows only what it gained since the start, and of that the end', () => {
    writeFileSync(log, 'before\n');
    const { descriptor, startBytes } = openServerLog(log);
    expect(readTail(log, startBytes)).toBe('');
    writeSync(descriptor, 'the cause\n');
    expect(readTail(log, startBytes)).toBe('the cause');
    writeSync(descriptor, `${'line\n'.repeat(2000)}the end\n`);
    closeSync(descriptor);
    expect(readTail(log, startBytes)).toMatch(/the end$/);
    expect(readTail(log, startBytes).length).toBeLessThanOrEqual(2048);
  });
});
