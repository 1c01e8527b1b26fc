import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Config } from '../../src/adapters/config/config.js';
import type { PostgresStorage } from '../../src/adapters/postgres/postgres-storage.js';
import { auditKeeping } from '../../src/audit-keeping.js';
import { ManualClock } from '../support/manual-clock.js';
import { silentLogger } from '../support/silent-logger.js';

let dataDir: string;
let logged: string[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'keeping-'));
  logged = [];
});
afterEach(() => rmSync(dataDir, { recursive: true }));

function keep(keyFile?: string): void {
  const checkpoints = { keyFile, everyRecords: 1000, everySeconds: 10 };
  const audit = { enabled: true, retentionDays: 0, checkpoints, syslog: {} };
  const config = { audit, dataDir, node: { name: 'a' } } as unknown as Config;
  const logger = { ...silentLogger, warn: (message: string) => logged.push(message) };
  auditKeeping(config, {} as unknown as PostgresStorage, { clock: new ManualClock(), logger });
}

test('a key that the configuration names and that is not there fails the start, and none is made', () => {
  const keyFile = join(dataDir, 'named.pem');
  expect(() => keep(keyFile)).toThrow(`audit.checkpoints.keyFile names ${keyFile}, which is not there`);
  expect(existsSync(keyFile)).toBe(false);
});

test('a key that nobody has named is made once, which the log says', () => {
  keep();
  keep();
  expect(existsSync(join(dataDir, 'audit', 'checkpoint-key.pem'))).toBe(true);
  expect(logged).toEqual(['a key that signs checkpoints was made']);
});
