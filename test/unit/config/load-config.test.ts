import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { faultText } from '../../../src/adapters/config/config-fault.js';
import type { Config } from '../../../src/adapters/config/config.js';
import { loadConfig, type ConfigSources } from '../../../src/adapters/config/load-config.js';

type Env = ConfigSources['env'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'surety-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileWith(content: string | Uint8Array): string {
  const file = path.join(folder, 'surety.yaml');
  writeFileSync(file, content);
  return file;
}

/** The configuration that a file and an environment give; fails the test on a fault. */
function configOf(content: string, env: Env = {}): Config {
  const result = loadConfig({ file: fileWith(content), env });
  if ('faults' in result) throw new Error(result.faults.map(faultText).join('\n'));
  return result.config;
}

/** The faults as the operator reads them, without the folder. */
function faultsOf(content: string | Uint8Array, env: Env = {}): string[] {
  const result = loadConfig({ file: fileWith(content), env });
  return 'faults' in result
    ? result.faults.map((fault) => faultText(fault).replace(`${folder}${path.sep}`, ''))
    : [];
}

describe('without faults', () => {
  test('the variable that names the file is none of its settings', () => {
    expect(loadConfig({ env: { SURETY_CONFIG: 'surety.yaml' } })).not.toHaveProperty('faults');
  });

  test('no file and no variables give the defaults', () => {
    const result = loadConfig({ env: {} });
    expect(result).toMatchObject({
      config: {
        listeners: [{ host: '127.0.0.1', port: 1883 }],
        dataDir: './data',
        persistence: 'postgres',
        database: {},
        log: { level: 'info', format: 'auto' },
        session: { expirySeconds: 2_592_000 },
        access: { onDeniedPublish: 'ignore' },
        metrics: { enabled: false, host: '127.0.0.1', port: 9400 },
        shutdown: { graceSeconds: 10 },
        limits: { packetBytesMax: 1_048_576, inflightMax: 1000, queuePolicy: 'dropOldest' },
      },
    });
  });

  test.each(['', '# nothing but a comment\n', '{}'])('an empty file (%j) gives the defaults', (content) => {
    expect(loadConfig({ env: {} })).toMatchObject({ config: configOf(content) });
  });

  test('the file goes over the defaults, key by key', () => {
    const config = configOf('limits:\n  inflightMax: 5\nlisteners:\n  - port: 0\n  - host: "::1"\n');
    expect(config.limits).toMatchObject({ inflightMax: 5, packetBytesMax: 1_048_576 });
    expect(config.listeners).toMatchObject([
      { host: '127.0.0.1', port: 0 },
      { host: '::1', port: 1883 },
    ]);
  });

  test('the environment goes over the file, and the rest of the file stays', () => {
    const config = configOf('log:\n  level: warn\n  format: json\ndataDir: /from/file\n', {
      SURETY_LOG_LEVEL: 'debug',
      SURETY_DATA_DIR: '/from/env',
    });
    expect(config.log).toMatchObject({ level: 'debug', format: 'json' });
    expect(config.dataDir).toBe('/from/env');
  });

  test('variables of the listener speak of the first one only', () => {
    const config = configOf('listeners:\n  - port: 1\n  - port: 2\n', {
      SURETY_HOST: '0.0.0.0',
      SURETY_PORT: '3',
      SURETY_ALLOW_ANONYMOUS: 'true',
    });
    expect(config.listeners).toMatchObject([
      { host: '0.0.0.0', port: 3, allowAnonymous: true },
      { host: '127.0.0.1', port: 2 },
    ]);
  });

  test('each kind of value can come from a variable', () => {
    const config = configOf('', {
      SURETY_PERSISTENCE: 'memory',
      SURETY_DATABASE_URL: 'postgres://u:p@h:5432/d',
      SURETY_METRICS_ENABLED: 'true',
      SURETY_LIMITS_PACKET_BYTES_MAX: '268435460',
      SURETY_ACCESS_ON_DENIED_PUBLISH: 'disconnect',
    });
    expect(config).toMatchObject({
      persistence: 'memory',
      database: { url: 'postgres://u:p@h:5432/d' },
      metrics: { enabled: true },
      limits: { packetBytesMax: 268_435_460 },
      access: { onDeniedPublish: 'disconnect' },
    });
  });

  test('variables of other programs, and undefined ones, are not looked at', () => {
    const env = { PATH: '/bin', HOST: 'x', PORT: 'x', SURETYX: 'x', SURETY_PROT: undefined };
    expect(loadConfig({ env: {} })).toMatchObject({ config: configOf('', env) });
  });

  test('an anchor of YAML may be used where it fits', () => {
    const config = configOf('metrics:\n  host: &here 10.0.0.1\nlisteners:\n  - host: *here\n');
    expect(config.listeners[0]?.host).toBe('10.0.0.1');
  });

  test('the configuration is frozen at every depth', () => {
    const config = configOf('');
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.limits)).toBe(true);
    expect(Object.isFrozen(config.listeners)).toBe(true);
    expect(Object.isFrozen(config.listeners[0])).toBe(true);
  });
});

describe('faults of the file', () => {
  test.each<[string, string, string]>([
    ['a nested mapping on one line', 'a: b: c', 'surety.yaml:1:4: not valid YAML: nested mappings'],
    ['a tab as indentation', 'log:\n\tlevel: info', 'surety.yaml:2:1: not valid YAML: tabs'],
    ['an unclosed list', 'listeners: [', 'surety.yaml:1:13: not valid YAML: '],
    [
      'a second document',
      'log: {}\n---\nlog: {}',
      'surety.yaml:2:1: not valid YAML: source contains multiple',
    ],
    ['a tag', 'log: !secret {}', 'surety.yaml:1:6: not valid YAML: unresolved tag: !secret; remove the tag'],
    [
      'a lost alias',
      'dataDir: *dir',
      'surety.yaml:1:10: not valid YAML: the alias *dir has no anchor before it',
    ],
    ['a list for a file', '- log', 'surety.yaml:1:1: the file must hold keys with values, not a list'],
    ['text for a file', 'hello', 'surety.yaml:1:1: the file must hold keys with values, not "hello"'],
    ['an unknown key', 'foo: 1', 'surety.yaml:1:1: foo: no such key; remove it'],
    ['a mistyped key', 'log:\n  levle: info', 'surety.yaml:2:3: log.levle: no such key; did you mean level?'],
    [
      'a key in another spelling',
      'limits: {packet_bytes_max: 1000}',
      'surety.yaml:1:10: limits.packet_bytes_max: no such key; did you mean packetBytesMax?',
    ],
    [
      'a key in the wrong group',
      'packetBytesMax: 1000',
      'surety.yaml:1:1: packetBytesMax: no such key; did you mean limits.packetBytesMax?',
    ],
    [
      'an unknown key of a listener',
      'listeners:\n  - host: h\n  - prot: 1',
      'surety.yaml:3:5: listeners[1].prot: no such key; did you mean port?',
    ],
    [
      'a key that objects inherit',
      '"__proto__": {a: 1}',
      'surety.yaml:1:1: __proto__: no such key; remove it',
    ],
    ['a key that is no text', '? [a]\n: 1', 'surety.yaml:1:1: [ a ]: no such key; remove it'],
    [
      'text for a number',
      'limits:\n  inflightMax: "12"',
      'surety.yaml:2:16: limits.inflightMax: must be a whole number from 1 to 65535, not "12"; correct it, or leave it out for 1000',
    ],
    [
      'a fraction',
      'limits: {inflightMax: 1.5}',
      'surety.yaml:1:23: limits.inflightMax: must be a whole number',
    ],
    [
      'a number past the range',
      'listeners: [{port: 65536}]',
      'surety.yaml:1:20: listeners[0].port: must be a',
    ],
    [
      'a number below the range',
      'limits: {inflightMax: 0}',
      'surety.yaml:1:23: limits.inflightMax: must be a',
    ],
    ['not a number', 'limits: {inflightMax: .nan}', 'surety.yaml:1:23: limits.inflightMax: must be a whole'],
    [
      'credentials for syslog',
      'audit: {syslog: {url: "syslog+tcp://u:p@h:514"}}',
      'surety.yaml:1:23: audit.syslog.url: must look like syslog+tls://host:6514',
    ],
    [
      'an unknown choice',
      'log:\n  level: loud',
      'surety.yaml:2:10: log.level: must be one of error, warn, info, debug, not "loud"; correct it, or leave it out for info',
    ],
    [
      'a word for a switch',
      'metrics: {enabled: yes}',
      'surety.yaml:1:20: metrics.enabled: must be true or false',
    ],
    [
      'a key without a value',
      'limits:\n  inflightMax:\n',
      'surety.yaml:2:3: limits.inflightMax: has no value, and must be a whole number',
    ],
    [
      'a group without content',
      'limits:\n',
      'surety.yaml:1:1: limits: must hold keys with values, not nothing',
    ],
    ['a value for a group', 'session: 5', 'surety.yaml:1:10: session: must hold keys with values, not 5'],
    [
      'a group for a list',
      'listeners: {port: 1}',
      'surety.yaml:1:12: listeners: must hold a list, not a group',
    ],
    ['an empty list', 'listeners: []', 'surety.yaml:1:12: listeners: the list is empty; add an entry'],
    ['an empty text', 'dataDir: ""', 'surety.yaml:1:10: dataDir: must be text, not empty text'],
    ['a URL for a host', 'metrics: {host: "http://h"}', 'surety.yaml:1:17: metrics.host: must be an address'],
    [
      'two listeners on one port',
      'listeners:\n  - port: 1\n  - port: 1',
      'surety.yaml:3:11: listeners[1].port: listener 2 has the same host and port as listener 1; change one',
    ],
  ])('%s is told with its place', (_name, content, start) => {
    const faults = faultsOf(content);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.slice(0, start.length)).toBe(start);
  });

  test('two listeners may both take any free port', () => {
    expect(configOf('listeners: [{port: 0}, {port: 0}]').listeners).toHaveLength(2);
  });

  test('a repeated key is told together with the faults of the rest', () => {
    expect(faultsOf('log: {}\nfoo: 1\nlog: {}\n')).toEqual([
      'surety.yaml:2:1: foo: no such key; remove it',
      'surety.yaml:3:1: not valid YAML: map keys must be unique; keep one of the two',
    ]);
  });

  test('the fault of a value behind an alias is told where each use stands', () => {
    expect(faultsOf('dataDir: &x 7\nmetrics: {host: *x}')).toEqual([
      expect.stringContaining('surety.yaml:1:13: dataDir: must be text, not 7'),
      expect.stringContaining('surety.yaml:2:17: metrics.host: must be text, not 7'),
    ]);
  });

  test('aliases that unfold without end are a fault, and cost no time', () => {
    const levels = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`);
    expect(faultsOf(['a0: &a0 x', ...levels].join('\n'))).toEqual([
      'surety.yaml: the aliases in the file unfold into too much; write the values out in full',
    ]);
  });

  test('a file that does not exist is a fault', () => {
    expect(loadConfig({ file: '/nowhere/surety.yaml', env: {} })).toEqual({
      faults: [
        {
          place: { file: '/nowhere/surety.yaml' },
          problem: 'the configuration file does not exist',
          action: 'create it, or correct --config',
        },
      ],
    });
  });

  test('a folder in place of a file is a fault', () => {
    const result = loadConfig({ file: folder, env: {} });
    expect(result).toMatchObject({ faults: [{ place: { file: folder } }] });
  });

  test('a file that is not UTF-8 is a fault', () => {
    expect(faultsOf(Uint8Array.of(0x61, 0xff))).toEqual([
      'surety.yaml: the configuration file is not UTF-8 text; save it as UTF-8',
    ]);
  });
});

describe('faults of the environment', () => {
  test.each<[string, Env, string]>([
    [
      'a word for a number',
      { SURETY_PORT: 'mqtt' },
      'SURETY_PORT: listeners[0].port: must be a whole number from 0 to 65535, not "mqtt"; correct it, or leave it out for 1883',
    ],
    ['an empty number', { SURETY_PORT: '' }, 'SURETY_PORT: listeners[0].port: must be a whole number'],
    ['a number in another form', { SURETY_PORT: '0x10' }, 'SURETY_PORT: listeners[0].port: must be a whole'],
    [
      'a number with a space',
      { SURETY_PORT: ' 1' },
      'SURETY_PORT: listeners[0].port: must be a whole number',
    ],
    [
      'a number out of range',
      { SURETY_SESSION_EXPIRY_SECONDS: '-1' },
      'SURETY_SESSION_EXPIRY_SECONDS: session.',
    ],
    [
      'a word for a switch',
      { SURETY_METRICS_ENABLED: 'TRUE' },
      'SURETY_METRICS_ENABLED: metrics.enabled: must be',
    ],
    ['an unknown choice', { SURETY_PERSISTENCE: 'disk' }, 'SURETY_PERSISTENCE: persistence: must be one of'],
    ['a mistyped name', { SURETY_PROT: '1' }, 'SURETY_PROT: no such variable; did you mean SURETY_PORT?'],
    [
      'an incomplete name',
      { SURETY_LIMITS_INFLIGHT: '1' },
      'SURETY_LIMITS_INFLIGHT: no such variable; did you mean SURETY_LIMITS_INFLIGHT_MAX?',
    ],
    ['an unknown name', { SURETY_ZZZZ: '1' }, 'SURETY_ZZZZ: no such variable; remove it'],
    [
      'what Kubernetes sets',
      { SURETY_PORT_1883_TCP_ADDR: '10.0.0.1' },
      'SURETY_PORT_1883_TCP_ADDR: no such variable; Kubernetes sets such a variable',
    ],
  ])('%s is told with the name of the variable', (_name, env, start) => {
    const faults = faultsOf('', env);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.slice(0, start.length)).toBe(start);
  });

  test('a variable that contradicts the file is a fault', () => {
    expect(faultsOf('listeners:\n  - port: 1\n  - port: 2\n', { SURETY_PORT: '2' })).toEqual([
      expect.stringContaining('listener 2 has the same host and port as listener 1'),
    ]);
  });
});

test('all faults of all sources are told at once, those of the file from its top', () => {
  const content = 'session: 5\nlisteners:\n  - port: x\n    foo: 1\nbar: 1\nlog: {level: 1}\n';
  const places = faultsOf(content, { SURETY_FOO: '1', SURETY_METRICS_PORT: '-1' }).map((fault) =>
    fault.split(': ').slice(0, 2).join(' '),
  );
  expect(places).toEqual([
    'surety.yaml:1:10 session',
    'surety.yaml:3:11 listeners[0].port',
    'surety.yaml:4:5 listeners[0].foo',
    'surety.yaml:5:1 bar',
    'surety.yaml:6:14 log.level',
    'SURETY_FOO no such variable; remove it',
    'SURETY_METRICS_PORT metrics.port',
  ]);
});

test('a fault of the file is told even where a variable goes over the value', () => {
  expect(faultsOf('listeners:\n  - port: x\n', { SURETY_PORT: '1883' })).toHaveLength(1);
});

test('a password is never shown', () => {
  const providerFaults = (provider: string) => faultsOf(`authentication: {providers: [${provider}]}`);
  const faults = [
    ...faultsOf('database: {url: "mysql://u:hunter2@h/d"}'),
    ...faultsOf('database: {url: "postgres://u:hunter2@h/d x"}'),
    ...faultsOf('database:\n  url: "a" hunter2'),
    ...providerFaults('{type: webhook, url: "https://ann:hunter2@h/check"}'),
    ...providerFaults('{type: jwt, algorithms: [RS256], jwksUrl: "https://ann:hunter2@h/keys"}'),
    ...providerFaults('{type: ldap, url: "ldaps://ann:hunter2@h", userDnTemplate: "uid=${user}"}'),
    ...faultsOf('database:\n  url: [hunter2]'),
    ...faultsOf('', { SURETY_DATABASE_URL: 'hunter2' }),
    ...faultsOf('', { SURETY_DATABASE_ULR: 'hunter2' }),
  ];
  expect(faults).toHaveLength(9);
  expect(faults.join('\n')).not.toContain('hunter2');
});

test('a long value is cut short, and stays on one line', () => {
  const [fault] = faultsOf('', { SURETY_LOG_LEVEL: 'x\n'.repeat(1000) });
  expect(fault?.length).toBeLessThan(200);
  expect(fault).not.toContain('\n');
});
