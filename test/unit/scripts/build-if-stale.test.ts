import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

type BuildIfStale = (options: { root: string; compile: (root: string) => number }) => {
  exitCode: number;
  built: boolean;
  removed: string[];
};

const script = new URL('../../../scripts/build-if-stale.js', import.meta.url).href;
const { buildIfStale } = (await import(script)) as { buildIfStale: BuildIfStale };

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'surety-build-'));
  for (const file of ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'src/a.ts', 'src/deep/b.ts']) {
    write(file);
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Writes a file that was changed so many seconds before now. */
function write(file: string, ageSeconds = 60): void {
  const full = path.join(root, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, '');
  const changed = Date.now() / 1000 - ageSeconds;
  utimesSync(full, changed, changed);
}

/** Builds with a compiler that writes what tsc would, or fails. */
function build(compilerExitCode = 0): { exitCode: number; built: boolean; removed: string[] } {
  const compile = (): number => {
    for (const name of ['a', 'deep/b']) {
      write(`dist/${name}.js`, 0);
      write(`dist/${name}.js.map`, 0);
    }
    return compilerExitCode;
  };
  return buildIfStale({ root, compile });
}

test('the first run builds, the next finds everything current', () => {
  expect(build()).toEqual({ exitCode: 0, built: true, removed: [] });
  expect(build()).toEqual({ exitCode: 0, built: false, removed: [] });
});

test.each([
  'src/a.ts',
  'src/deep/b.ts',
  'src/new.ts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
])('a change of %s makes the build stale', (file) => {
  build();
  write(file, -5);
  expect(build().built).toBe(true);
});

test('a failed build passes the exit code on, and the next run builds again', () => {
  expect(build(2)).toMatchObject({ exitCode: 2, built: true });
  expect(build()).toMatchObject({ exitCode: 0, built: true });
});

test('a build that fails makes an earlier good one stale, whatever the times say', () => {
  build();
  write('src/a.ts', -5);
  build(1);
  write('src/a.ts', 60);
  expect(build().built).toBe(true);
});

test('a source that changes while the compiler runs makes the build stale', () => {
  const changeLate = (): number => {
    write('src/a.ts', -1);
    return 0;
  };
  expect(buildIfStale({ root, compile: changeLate }).exitCode).toBe(0);
  expect(build().built).toBe(true);
});

test('what a deleted source has left in dist is removed', () => {
  build();
  rmSync(path.join(root, 'src/deep/b.ts'));
  const left = ['deep/b.js', 'deep/b.js.map'].map((file) => path.normalize(file));
  const { built, removed } = buildIfStale({ root, compile: () => 0 });
  expect(removed.sort()).toEqual(left);
  expect(built).toBe(true);
  expect(existsSync(path.join(root, 'dist/deep/b.js'))).toBe(false);
  expect(existsSync(path.join(root, 'dist/a.js'))).toBe(true);
});
