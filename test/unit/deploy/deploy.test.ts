import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';
import { configKeys } from '../../../src/adapters/config/config-keys.js';
import { loadConfig } from '../../../src/adapters/config/load-config.js';
import { NODE_FLAGS } from '../../bench/peers/surety-peer.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly healthcheck?: unknown;
}

const compose = textOf('docker-compose.yml');
const { services, volumes } = parse(compose) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const known = ['SURETY_CONFIG', ...configKeys().keys.map(({ variable }) => variable)];
const ourVariables = (text: string): string[] => [...new Set(text.match(/\bSURETY_[A-Z_]+(?=[=:]|: )/g))];

describe('docker-compose.yml', () => {
  const secrets = { POSTGRES_PASSWORD: 'p', GRAFANA_DB_PASSWORD: 'g', GRAFANA_ADMIN_PASSWORD: 'a' };
  const config = (env: Readonly<Record<string, string>>): string =>
    execFileSync('docker-compose', ['--file', join(root, 'docker-compose.yml'), 'config'], {
      env: { PATH: process.env['PATH'], ...env },
      cwd: tmpdir(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  test('is one that compose accepts, once the secrets are set', () => {
    expect(config(secrets)).toContain('postgres://surety:p@postgres:5432/surety');
  });

  test('is refused without a secret, rather than having a default for it', () => {
    expect(() => config({ ...secrets, POSTGRES_PASSWORD: '' })).toThrow('POSTGRES_PASSWORD');
    const lax = [...compose.matchAll(/\$\{([A-Z_]*PASSWORD)(?!:\?)/g)];
    expect(lax).toEqual([]);
  });

  test('has every variable that it takes in env.example', () => {
    const taken = [...compose.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name);
    const example = textOf('deploy/compose/env.example');
    expect(taken.filter((name) => !new RegExp(`^#?${String(name)}=`, 'm').test(example))).toEqual([]);
  });

  test.each(Object.entries(services))('%s: its image has a version, its mounts are there', (_, service) => {
    expect(service.image).toMatch(/^\$\{[A-Z_]+_IMAGE:-[a-z/]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?\}$/);
    const sources = (service.volumes ?? []).map((mount) => mount.split(':')[0] ?? '');
    const missing = sources.filter((source) =>
      source.startsWith('.') ? !existsSync(join(root, source)) : !(source in volumes),
    );
    expect(missing).toEqual([]);
  });

  test('looks after the health of every service; the image of the broker has a check of its own', () => {
    const unchecked = Object.entries(services).filter(([, { healthcheck }]) => healthcheck === undefined);
    expect(unchecked.map(([name]) => name)).toEqual(['surety']);
    expect(textOf('Dockerfile')).toContain('HEALTHCHECK');
  });

  test('gives the broker settings that it knows', () => {
    const variables = Object.keys(services['surety']?.environment ?? {});
    expect(variables.filter((variable) => !known.includes(variable))).toEqual([]);
    expect(loadConfig({ file: join(root, 'deploy/compose/surety.yaml'), env: {} })).not.toHaveProperty(
      'faults',
    );
  });
});

test('the image and the unit start Node.js as the benchmark does', () => {
  for (const file of ['Dockerfile', 'deploy/systemd/surety.service'])
    for (const flag of NODE_FLAGS) expect(textOf(file)).toContain(flag);
});

describe('the Dockerfile', () => {
  const dockerfile = textOf('Dockerfile');

  test('has nothing that a linter objects to', () => {
    const complaints = validate(dockerfile).map(
      ({ range, message }) => `${range.start.line + 1}: ${JSON.stringify(message)}`,
    );
    expect(complaints).toEqual([]);
  });

  test('copies what is there, and what .dockerignore lets through', () => {
    const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) =>
      (files ?? '').split(' '),
    );
    const allowed = textOf('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? line.slice(1) : []));
    expect(copies.length).toBeGreaterThan(8);
    expect(copies.filter((file) => !existsSync(join(root, file.replace(/^\.\//, ''))))).toEqual([]);
    expect(copies.map((file) => file.replace(/^\.\//, '')).filter((file) => !allowed.includes(file))).toEqual(
      [],
    );
  });

  test('sets variables that the broker knows, and does not run as root', () => {
    expect(ourVariables(dockerfile).filter((variable) => !known.includes(variable))).toEqual([]);
    expect(dockerfile).toMatch(/^USER node$/m);
  });
});

describe('the unit for systemd', () => {
  const unit = textOf('deploy/systemd/surety.service');

  test('is one that systemd accepts, and leaves the service little', () => {
    const folder = mkdtempSync(join(tmpdir(), 'unit-'));
    const file = join(folder, 'surety.service');
    // Where programs are differs from one machine to the next.
    writeFileSync(file, unit.replaceAll('/usr/bin/node', process.execPath));
    try {
      const said = execFileSync('systemd-analyze', ['verify', '--man=no', file], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
      expect(said).toBe('');
      const security = ['security', '--offline=true', '--threshold=20', file];
      expect(() => execFileSync('systemd-analyze', security, { stdio: 'pipe' })).not.toThrow();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('sets variables that the broker knows', () => {
    expect(ourVariables(unit).filter((variable) => !known.includes(variable))).toEqual([]);
  });
});

test('the script for the database is one that a shell takes', () => {
  const scripts = readdirSync(join(root, 'deploy/compose')).filter((name) => name.endsWith('.sh'));
  for (const script of scripts) execFileSync('sh', ['-n', join(root, 'deploy/compose', script)]);
  expect(scripts).toEqual(['postgres-init.sh']);
});
