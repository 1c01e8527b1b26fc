import { expect, test } from '@jest/globals';
import { liveConfig, putInForce } from '../../../src/adapters/config/live-settings.js';
import { loadConfig } from '../../../src/adapters/config/load-config.js';
import { LOG_COMPONENTS, type LogLevel, type LogLevels } from '../../../src/application/ports/log-levels.js';
import { aboutBroker } from '../../../src/wiring/admin.js';
import { ConfigurationReading } from '../../../src/reloading.js';
import { ManualClock } from '../../support/manual-clock.js';

const configOf = (env: Record<string, string>) => {
  const result = loadConfig({ env });
  if ('faults' in result) throw new Error('the test has a faulty configuration');
  return result.config;
};

test('the configuration that the admin API shows is the one in force, without secrets', () => {
  let level: LogLevel = 'info';
  const logs: LogLevels = {
    levels: () => Object.fromEntries(LOG_COMPONENTS.map((name) => [name, level])) as never,
    set: (_, next) => void (level = next),
  };
  const live = liveConfig(configOf({ SURETY_DATABASE_URL: 'postgres://a:hidden@h/d' }));
  const clock = new ManualClock();
  const about = aboutBroker(live, logs, new ConfigurationReading(clock), clock);
  expect(about.configuration).toMatchObject({ limits: { sessionsMax: 1_000_000 }, log: { level: 'info' } });
  putInForce(live, configOf({ SURETY_LIMITS_SESSIONS_MAX: '7' }));
  logs.set(undefined, 'debug');
  expect(about.configuration).toMatchObject({
    limits: { sessionsMax: 7 },
    log: { level: 'debug', levels: { audit: 'debug' } },
  });
  expect(JSON.stringify(about.configuration)).not.toContain('hidden');
});
