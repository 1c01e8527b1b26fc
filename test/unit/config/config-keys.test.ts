import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { configKeys } from '../../../src/adapters/config/config-keys.js';
import { configReference } from '../../../src/adapters/config/config-reference.js';
import { loadConfig } from '../../../src/adapters/config/load-config.js';

const { keys, groups } = configKeys();

test('every key and every group says what it is for', () => {
  expect(keys.length).toBeGreaterThan(30);
  const silent = [...keys, ...groups].filter(({ path, doc }) => path !== '' && doc.length < 10);
  expect(silent).toEqual([]);
});

test('every key has a variable of its own, but those of lists other than the listeners', () => {
  const variables = keys.flatMap(({ variable }) => variable ?? []);
  expect(new Set(variables).size).toBe(variables.length);
  const without = keys.flatMap(({ path, variable }) => (variable === undefined ? path.split('[]')[0] : []));
  expect([...new Set(without)]).toEqual(['authentication.providers']);
});

test.each([
  ['listeners[].port', 'SURETY_PORT'],
  ['listeners[].host', 'SURETY_HOST'],
  ['dataDir', 'SURETY_DATA_DIR'],
  ['persistence', 'SURETY_PERSISTENCE'],
  ['log.level', 'SURETY_LOG_LEVEL'],
  ['database.url', 'SURETY_DATABASE_URL'],
  ['limits.packetBytesMax', 'SURETY_LIMITS_PACKET_BYTES_MAX'],
])('the variable of %s is %s', (path, variable) => {
  expect(keys.find((key) => key.path === path)?.variable).toBe(variable);
});

test('the default of every key is a value that its variable accepts', () => {
  const env = Object.fromEntries(
    keys.flatMap(({ variable, fallback }) =>
      variable === undefined || fallback === undefined ? [] : [[variable, String(fallback)]],
    ),
  );
  expect(loadConfig({ env })).toEqual(loadConfig({ env: {} }));
});

test('both ends of every range are accepted, and what is past them is not', () => {
  const outcome = (variable: string, value: number) =>
    'faults' in loadConfig({ env: { [variable]: String(value) } }) ? 'fault' : 'accepted';
  for (const { variable, minimum, maximum } of keys) {
    if (variable === undefined) continue;
    if (minimum !== undefined) {
      expect([variable, outcome(variable, minimum)]).toEqual([variable, 'accepted']);
      expect([variable, outcome(variable, minimum - 1)]).toEqual([variable, 'fault']);
    }
    if (maximum !== undefined) {
      expect([variable, outcome(variable, maximum)]).toEqual([variable, 'accepted']);
      expect([variable, outcome(variable, maximum + 1)]).toEqual([variable, 'fault']);
    }
  }
});

test('the reference names every key with its variable', () => {
  const reference = configReference();
  for (const { path, variable } of keys) {
    expect(reference).toContain(`| \`${path.split('.').at(-1) ?? ''}\` |`);
    if (variable !== undefined) expect(reference).toContain(`\`${variable}\``);
  }
});

test('docs/configuration.md is current (npm run docs:config writes it)', () => {
  const file = new URL('../../../docs/configuration.md', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(configReference());
});
