import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Config } from '../../src/adapters/config/config.js';
import { LIVE_SETTINGS, liveConfig, putInForce } from '../../src/adapters/config/live-settings.js';
import { isAmong } from '../../src/adapters/config/config-settings.js';
import { type ConfigResult, loadConfig } from '../../src/adapters/config/load-config.js';
import { AuditRecorder } from '../../src/application/audit-recorder.js';
import type { LogFields, Logger } from '../../src/application/ports/logger.js';
import { Reload } from '../../src/application/reload.js';
import {
  type ConfigApplier,
  type ConfigPreparer,
  ConfigurationReading,
  ConfigurationReload,
} from '../../src/reloading.js';
import { configKeys } from '../../src/adapters/config/config-keys.js';
import { FakeTrail } from '../support/fake-trail.js';
import { ManualClock } from '../support/manual-clock.js';
import { makeFolder } from '../support/test-folder.js';

let env: Record<string, string>;
let lines: string[];
let reading: ConfigurationReading;

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

const reloadOf = (
  appliers: readonly ConfigApplier[],
  preparers: readonly ConfigPreparer[] = [],
): ConfigurationReload =>
  new ConfigurationReload(
    { file: 'surety.yaml', load: read },
    { preparers, appliers },
    reading,
    logger,
    liveConfig(config()),
  );
const applierOf = (keys: readonly string[], applied: Config[] = []): ConfigApplier => ({
  keys,
  apply: (next) => void applied.push(next),
});

beforeEach(() => {
  env = {};
  lines = [];
  reading = new ConfigurationReading(new ManualClock());
});

describe('a configuration that is read again', () => {
  test('says what it put in force and what takes a restart', async () => {
    const reload = reloadOf([]);
    env = { SURETY_LOG_LEVEL: 'debug', SURETY_LIMITS_INFLIGHT_MAX: '5', SURETY_DATA_DIR: './elsewhere' };
    expect(await reload.reload()).toEqual({
      keys: ['limits.inflightMax', 'log.level'],
      settings: { 'limits.inflightMax': 5, 'log.level': 'debug' },
      needRestart: ['dataDir'],
    });
    expect(lines).toEqual(['some changes take a restart of the broker dataDir']);
  });

  test('goes on to name what takes a restart until it is taken back', async () => {
    const reload = reloadOf([]);
    env = { SURETY_DATA_DIR: './elsewhere' };
    const needed = { keys: [], settings: {}, needRestart: ['dataDir'] };
    expect([await reload.reload(), await reload.reload()]).toEqual([needed, false]);
    expect([reading.needRestart, lines.length]).toEqual([['dataDir'], 2]);
    env = {};
    expect(await reload.reload()).toEqual({ keys: [], settings: {}, needRestart: [] });
    expect(reading.needRestart).toEqual([]);
  });

  test('leaves everything as it was where it is faulty, and says where', async () => {
    const applied: Config[] = [];
    const reload = reloadOf([applierOf(['log'], applied)]);
    env = { SURETY_LOG_LEVEL: 'loud' };
    await expect(reload.reload()).rejects.toThrow(/SURETY_LOG_LEVEL: log.level: must be/);
    expect(applied).toEqual([]);
    expect(reading.faults).toEqual([expect.stringContaining('log.level: must be')]);
    env = {};
    await reload.reload();
    expect(reading.faults).toEqual([]);
  });

  test('is not taken from an empty file, which may be one that could not be written', async () => {
    const folder = makeFolder();
    const file = folder.write('surety.yaml', '');
    const live = liveConfig(config());
    const none = { preparers: [], appliers: [] };
    const reload = new ConfigurationReload({ file, load: read }, none, reading, logger, live);
    env = { SURETY_LOG_LEVEL: 'debug' };
    await expect(reload.reload()).rejects.toThrow(`${file}: is empty; write it anew`);
    expect([live.log.level, reading.faults.length]).toEqual(['info', 1]);
    folder.write('surety.yaml', '{}');
    expect(await reload.reload()).toMatchObject({ keys: ['log.level'] });
    folder.remove();
  });

  test('is told to those alone whose keys have changed', async () => {
    const log: Config[] = [];
    const limits: Config[] = [];
    const reload = reloadOf([applierOf(['log'], log), applierOf(['limits'], limits)]);
    env = { SURETY_LOG_LEVEL: 'debug' };
    await reload.reload();
    await reload.reload();
    expect([log.length, limits.length]).toEqual([1, 0]);
  });

  test('tells that a secret changed, and not what it is', async () => {
    env = { SURETY_DATABASE_URL: 'postgres://a:old-secret@h/d' };
    const reload = reloadOf([]);
    env = { SURETY_DATABASE_URL: 'postgres://a:new-secret@h/d' };
    expect(await reload.reload()).toEqual({ keys: [], settings: {}, needRestart: ['database.url'] });
    expect(lines.join()).not.toContain('secret');
  });

  test('has no key taken for one whose name it begins with', async () => {
    const applied: Config[] = [];
    const reload = reloadOf([applierOf(['limits.queue'], applied)]);
    env = { SURETY_LIMITS_QUEUE_BYTES_MAX: '1' };
    await reload.reload();
    expect(applied).toEqual([]);
  });

  test('says what a setting is now, and of one that has its default again that it has', async () => {
    const reload = reloadOf([]);
    const long = 'a/'.repeat(300);
    env = { SURETY_AUDIT_MESSAGES: long, SURETY_AUDIT_RETENTION_DAYS: '5' };
    expect(await reload.reload()).toMatchObject({
      settings: {
        'audit.messages[0]': expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        'audit.retentionDays': 5,
      },
    });
    env = {};
    expect(await reload.reload()).toMatchObject({
      settings: { 'audit.messages[0]': null, 'audit.retentionDays': null },
    });
  });

  test('names the keys and their values in the audit trail', async () => {
    const trail = new FakeTrail(undefined);
    const audit = new AuditRecorder(trail, new ManualClock(), { foldSeconds: 0 });
    const [reload, configuration] = [new Reload(audit, logger), reloadOf([])];
    env = { SURETY_LOG_LEVEL: 'debug' };
    await reload.reloadAll([configuration], 'signal');
    await reload.reloadAll([configuration], 'signal');
    const details = {
      what: 'configuration',
      trigger: 'signal',
      keys: ['log.level'],
      settings: { 'log.level': 'debug' },
      needRestart: [],
    };
    expect(trail.events).toMatchObject([{ kind: 'configuration.changed', details }]);
  });
});

describe('what is made of settings before they are in force', () => {
  /** Notes what is done to it. */
  const preparerOf = (key: string, steps: string[], fault?: string): ConfigPreparer => ({
    keys: [key],
    prepare: async () => {
      steps.push(`${key} prepared`);
      if (fault !== undefined) throw new Error(fault);
      return {
        apply: () => void steps.push(`${key} applied`),
        discard: () => void steps.push(`${key} discarded`),
      };
    },
  });
  const both = { SURETY_LOG_LEVEL: 'debug', SURETY_LIMITS_INFLIGHT_MAX: '5' };

  test('is put in force when all of it is ready, before others are told', async () => {
    const steps: string[] = [];
    const told = { keys: ['log'], apply: () => void steps.push('told') };
    const preparers = ['log', 'limits', 'session'].map((key) => preparerOf(key, steps));
    const reload = reloadOf([told], preparers);
    env = both;
    await reload.reload();
    expect(steps).toEqual(['log prepared', 'limits prepared', 'log applied', 'limits applied', 'told']);
  });

  test('is let go where something else fails: then nothing of the configuration is taken', async () => {
    const steps: string[] = [];
    const live = liveConfig(config());
    const preparers = [preparerOf('log', steps), preparerOf('limits', steps, 'one\ntwo')];
    const source = { file: undefined, load: read };
    const reload = new ConfigurationReload(source, { preparers, appliers: [] }, reading, logger, live);
    env = both;
    await expect(reload.reload()).rejects.toThrow('one\ntwo');
    expect(steps).toEqual(['log prepared', 'limits prepared', 'log discarded']);
    expect([live.log.level, live.limits.inflightMax, reading.faults]).toEqual(['info', 1000, ['one', 'two']]);
  });

  test('is not made of what is looked at first and found to be wrong', async () => {
    const steps: string[] = [];
    const reload = reloadOf([], [preparerOf('authentication', steps)]);
    env = { SURETY_AUTHENTICATION_FAILURES_TRUSTED_ADDRESSES: '10.0.0.0/99' };
    await expect(reload.reload()).rejects.toThrow(
      'authentication.failures.trustedAddresses[0]: "10.0.0.0/99" is no address and no range',
    );
    expect(steps).toEqual([]);
  });

  test('is not looked at where only others have changed', async () => {
    env = { SURETY_ACCESS_ACL_FILE: 'not-there.acl' };
    const reload = reloadOf([]);
    env = { ...env, ...both };
    expect(await reload.reload()).toMatchObject({ keys: ['limits.inflightMax', 'log.level'] });
  });
});

describe('live settings', () => {
  test('are set anew for everybody who holds their group, and others stay', () => {
    const live = liveConfig(config());
    const { limits } = live;
    const { failures } = live.authentication;
    env = {
      ...{
        SURETY_LIMITS_SESSIONS_MAX: '7',
        SURETY_SHUTDOWN_GRACE_SECONDS: '3',
        SURETY_DATA_DIR: './elsewhere',
      },
      SURETY_AUTHENTICATION_FAILURES_TRUSTED_ADDRESSES: '10.0.0.0/8',
    };
    putInForce(live, config());
    expect([limits.sessionsMax, live.shutdown.graceSeconds, live.dataDir]).toEqual([7, 3, './data']);
    expect(failures.trustedAddresses).toEqual(['10.0.0.0/8']);
  });

  test('are keys of the configuration, or groups of them', () => {
    const known = configKeys().keys.map(({ path }) => path);
    const isKnown = (setting: string): boolean => known.some((key) => isAmong(key, [setting]));
    expect(LIVE_SETTINGS.filter((setting) => !isKnown(setting))).toEqual([]);
  });
});
