import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Config } from '../../src/adapters/config/config.js';
import { type ConfigResult, loadConfig } from '../../src/adapters/config/load-config.js';
import { AuditRecorder } from '../../src/application/audit-recorder.js';
import type { LogFields, Logger } from '../../src/application/ports/logger.js';
import { LiveLimits, withLiveLimits } from '../../src/live-limits.js';
import { ConfigurationReload, type Reloadable } from '../../src/reloading.js';
import { configKeys } from '../../src/adapters/config/config-keys.js';
import { FakeTrail } from '../support/fake-trail.js';
import { ManualClock } from '../support/manual-clock.js';

let env: Record<string, string>;
let trail: FakeTrail;
let lines: string[];

const read = (): ConfigResult => loadConfig({ env });
const config = (): Config => {
  const result = read();
  if ('faults' in result) throw new Error('the test has a faulty configuration');
  return result.config;
};
const line = (message: string, fields?: LogFields): void => {
  lines.push([message, ...Object.values(fields ?? {})].join(' '));
};
const logger: Logger = { error: line, warn: line, info: line, debug: line };

const reloadOf = (reloadables: readonly Reloadable[]): ConfigurationReload => {
  const audit = new AuditRecorder(trail, new ManualClock(), 0);
  return new ConfigurationReload({ config: config(), load: read, reloadables, audit, logger });
};
const taker = (keys: readonly string[], reload: Reloadable['reload'] = () => undefined): Reloadable => ({
  keys,
  reload,
});

beforeEach(() => {
  env = {};
  trail = new FakeTrail(undefined);
  lines = [];
});

describe('a reload', () => {
  test('names what it put in force and what takes a restart, in the log and in the trail', async () => {
    const reload = reloadOf([taker(['log', 'limits.inflightMax'])]);
    env = { SURETY_LOG_LEVEL: 'debug', SURETY_LIMITS_INFLIGHT_MAX: '5', SURETY_PORT: '1884' };
    const outcome = {
      applied: ['limits.inflightMax', 'log.level'],
      needRestart: ['listeners[0].port'],
      failed: [],
    };
    expect(await reload.reload()).toEqual(outcome);
    expect(trail.events).toMatchObject([
      { kind: 'configuration.changed', reason: 'reload', details: outcome },
    ]);
    expect(lines).toEqual([
      'the configuration was read again limits.inflightMax, log.level',
      'some changes take a restart of the broker listeners[0].port',
    ]);
  });

  test('goes on to name what takes a restart until it is taken back', async () => {
    const reload = reloadOf([]);
    env = { SURETY_PORT: '1884' };
    await reload.reload();
    expect((await reload.reload())?.needRestart).toEqual(['listeners[0].port']);
    env = {};
    expect((await reload.reload())?.needRestart).toEqual([]);
  });

  test('leaves everything as it was where the configuration is faulty, and says where', async () => {
    const taken: Config[] = [];
    const reload = reloadOf([taker(['log'], (next) => void taken.push(next))]);
    env = { SURETY_LOG_LEVEL: 'loud' };
    expect(await reload.reload()).toBeUndefined();
    expect(taken).toEqual([]);
    expect(trail.events).toEqual([]);
    expect(lines.join('\n')).toMatch(/faulty[^]*SURETY_LOG_LEVEL/);
  });

  test('of which one part fails is taken by the others', async () => {
    const reload = reloadOf([taker(['audit'], () => Promise.reject(new Error('cannot'))), taker(['log'])]);
    env = { SURETY_LOG_LEVEL: 'debug', SURETY_AUDIT_RETENTION_DAYS: '9' };
    expect(await reload.reload()).toEqual({
      applied: ['log.level'],
      needRestart: [],
      failed: ['audit.retentionDays'],
    });
    expect(lines[0]).toContain('cannot');
  });

  test('reaches every part also when no key has changed, for the files that are named', async () => {
    let calls = 0;
    const reload = reloadOf([taker(['listeners[].host'], () => void (calls += 1))]);
    await Promise.all([reload.reload(), reload.reload()]);
    expect(calls).toBe(2);
    expect(trail.events).toEqual([]);
  });

  test('tells that a secret changed, and not what it is', async () => {
    env = { SURETY_DATABASE_URL: 'postgres://a:old-secret@h/d' };
    const reload = reloadOf([]);
    env = { SURETY_DATABASE_URL: 'postgres://a:new-secret@h/d' };
    expect((await reload.reload())?.needRestart).toEqual(['database.url']);
    expect(JSON.stringify([trail.events, lines])).not.toContain('secret');
  });

  test('does not take a key for one whose name it begins with', async () => {
    const reload = reloadOf([taker(['limits.queue'])]);
    env = { SURETY_LIMITS_QUEUE_BYTES_MAX: '1' };
    expect((await reload.reload())?.needRestart).toEqual(['limits.queueBytesMax']);
  });
});

describe('limits', () => {
  test('that can be set anew are, for everybody who holds them, and others stay', () => {
    const live = withLiveLimits(config());
    const { limits } = live;
    env = { SURETY_LIMITS_SESSIONS_MAX: '7', SURETY_LIMITS_PACKET_BYTES_MAX: '1024' };
    new LiveLimits(live).reload(config());
    expect(limits.sessionsMax).toBe(7);
    expect(limits.packetBytesMax).toBe(1_048_576);
  });

  test('that can be set anew are keys of the configuration', () => {
    const known = configKeys().keys.map(({ path }) => path);
    expect(new LiveLimits(withLiveLimits(config())).keys.filter((key) => !known.includes(key))).toEqual([]);
  });
});
