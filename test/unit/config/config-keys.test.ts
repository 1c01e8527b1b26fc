import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { configJsonSchema } from '../../../src/adapters/config/config-json-schema.js';
import { configKeys } from '../../../src/adapters/config/config-keys.js';
import { configReference } from '../../../src/adapters/config/config-reference.js';
import { loadConfig } from '../../../src/adapters/config/load-config.js';

const { keys, groups } = configKeys();

test('every key and every group says what it is for', () => {
  expect(keys.length).toBeGreaterThan(30);
  const silent = [...keys, ...groups].filter(({ path, doc }) => path !== '' && doc.length < 10);
  expect(silent).toEqual([]);
});

test('every key has a variable of its own', () => {
  const variables = keys.flatMap(({ variable }) => variable ?? []);
  expect(new Set(variables).size).toBe(variables.length);
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

const configOf = (env: Readonly<Record<string, string>>) => {
  const result = loadConfig({ env });
  return 'config' in result ? result.config : result.faults;
};

test('the default of every key is a value that its variable accepts', () => {
  // Those that have no effect by themselves are refused without what they belong to.
  const needsOthers = /\.(tls\..*|socketMode|webSocketPath)$/;
  const fallbacks = keys.flatMap(({ path, variable, fallback }) =>
    variable === undefined || fallback === undefined
      ? []
      : [{ path, pair: [variable, String(fallback)] as const }],
  );
  const variablesOf = (isDependent: boolean) =>
    Object.fromEntries(
      fallbacks.flatMap(({ path, pair }) => (needsOthers.test(path) === isDependent ? [pair] : [])),
    );
  const env = variablesOf(false);
  expect(loadConfig({ env })).toMatchObject({ config: configOf({}) });
  const listener = {
    ...{ SURETY_SOCKET_PATH: '/s', SURETY_TRANSPORT: 'websocket' },
    ...{ SURETY_TLS_CERT_FILE: 'c', SURETY_TLS_KEY_FILE: 'k' },
  };
  expect(configOf({ ...listener, ...variablesOf(true) })).toEqual(configOf(listener));
});

test('the default of a list is shown as its variable takes it', () => {
  expect(configReference()).toContain(
    '| `127.0.0.0/8,::1` | `SURETY_AUTHENTICATION_FAILURES_TRUSTED_ADDRESSES` |',
  );
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

test.each([
  ['configuration.md', configReference],
  ['configuration.schema.json', configJsonSchema],
])('docs/%s is current (npm run docs:config writes it)', (name, text) => {
  const file = new URL(`../../../docs/${name}`, import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(text());
});
