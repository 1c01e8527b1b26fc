import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { readProbe } from '../../bench/scale/runtime-probe.js';

describe('what the probe in a broker has seen', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'probe-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const noted = (notes: object): void => writeFileSync(join(directory, 'probe.json'), JSON.stringify(notes));

  test('tells what others and the collector took from what its own code did', () => {
    noted({
      // 20 ms late, 5 of them for want of a processor; then 8 ms late all by itself.
      delays: [
        [1000, 20, 5],
        [1100, 8, 0],
      ],
      // 12 of 14 ms are within the first delay.
      collections: [[998, 'minor', 14]],
    });
    expect(readProbe(directory, { fromMs: 990, toMs: 2000 })).toMatchObject({
      loop_ms_max: 20,
      loop_own_ms_max: 15,
      loop_code_ms_max: 8,
      gc_minor: 1,
      gc_minor_ms_max: 14,
      gc_major: 0,
    });
  });

  test('counts nothing outside of the time that is asked for', () => {
    noted({ delays: [[1000, 20, 5]], collections: [[1000, 'major', 14]] });
    expect(readProbe(directory, { fromMs: 2000, toMs: 3000 })).toMatchObject({
      loop_ms_max: 0,
      loop_code_ms_max: 0,
      gc_major: 0,
    });
  });

  test('is asked in vain where it has left no notes', () => {
    expect(() => readProbe(directory, { fromMs: 0, toMs: 1 })).toThrow('has left no notes');
  });
});
