import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { type Breakage, breakages, brokenCopy } from '../crash/broken-copy.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SCRIPT = join(ROOT, 'scripts', 'crash-test.js');
const RUN_MS_MAX = 90_000;

test(
  'the crash test finds out a broker that acknowledges before it has committed',
  () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [SCRIPT, '--broken', 'early-ack', '--only', 'broker-and-postgres', '--rounds', '5', '--seed', '1'],
      { encoding: 'utf8', timeout: RUN_MS_MAX },
    );
    const lastLine = stdout.trimEnd().split('\n').at(-1) ?? '';
    expect(lastLine).toMatch(/^acked=\d+ delivered=\d+ lost=[1-9]\d* duplicated_qos2=\d+ reordered=\d+$/);
    expect(status).toBe(1);
  },
  RUN_MS_MAX + 10_000,
);

test.each(Object.keys(breakages) as Breakage[])(
  'the fault %s still finds its place in the broker',
  (breakage) => {
    const folder = mkdtempSync(join(tmpdir(), 'surety-broken-'));
    try {
      expect(brokenCopy(ROOT, join(folder, 'product'), breakage)).toBe(join(folder, 'product'));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
