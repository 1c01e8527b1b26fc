import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const project = fileURLToPath(new URL('../../../', import.meta.url));
/** Stands in for the broker: tells how it was called. */
const MAIN = 'console.log(JSON.stringify([process.pid, process.argv.slice(2)]));\nprocess.exitCode = 7;\n';

/** A project that has our entry points, and nothing else of ours. */
let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'surety-entry-'));
  for (const folder of ['bin', 'scripts', 'dist', 'src']) mkdirSync(path.join(root, folder));
  for (const file of ['bin/surety.js', 'scripts/start.js', 'scripts/build-if-stale.js']) {
    copyFileSync(path.join(project, file), path.join(root, file));
  }
  writeFileSync(path.join(root, 'package.json'), '{ "type": "module" }');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function run(script: string, ...args: string[]) {
  const { status, stdout, stderr, pid } = spawnSync(process.execPath, [path.join(root, script), ...args], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  return { status, stdout, stderr, pid };
}

function pretendBuilt(): void {
  writeFileSync(path.join(root, 'src/main.ts'), '');
  writeFileSync(path.join(root, 'dist/main.js'), MAIN);
  const stamp = path.join(root, 'dist/.built');
  writeFileSync(stamp, '');
  const soon = Date.now() / 1000 + 60;
  utimesSync(stamp, soon, soon);
}

/** Puts a compiler in place that writes the broker, or only fails. */
function pretendCompiler(exitCode: number): void {
  const bin = path.join(root, 'node_modules/typescript/bin');
  mkdirSync(bin, { recursive: true });
  const write = `require('node:fs').writeFileSync('dist/main.js', ${JSON.stringify(MAIN)});`;
  writeFileSync(path.join(root, 'node_modules/typescript/package.json'), '{ "name": "typescript" }');
  writeFileSync(path.join(bin, 'tsc'), `${exitCode === 0 ? write : ''}process.exitCode = ${exitCode};`);
}

describe('bin/surety.js', () => {
  test('without a build it says what to run, and exits with 1', () => {
    const { status, stdout, stderr } = run('bin/surety.js', 'start');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('npm run build');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('with a build it runs it with the arguments as they are', () => {
    pretendBuilt();
    const { status, stdout, pid } = run('bin/surety.js', 'config', 'check');
    expect(JSON.parse(stdout)).toEqual([pid, ['config', 'check']]);
    expect(status).toBe(7);
  });
});

describe('scripts/start.js', () => {
  test('it starts the broker in its own process, with the arguments behind `start`', () => {
    pretendBuilt();
    const { status, stdout, pid } = run('scripts/start.js', '--config', 'a.yaml');
    expect(JSON.parse(stdout)).toEqual([pid, ['start', '--config', 'a.yaml']]);
    expect(status).toBe(7);
  });

  test('it builds first when there is no build', () => {
    writeFileSync(path.join(root, 'src/main.ts'), '');
    pretendCompiler(0);
    const { status, stdout } = run('scripts/start.js');
    expect(stdout).toContain('["start"]');
    expect(status).toBe(7);
  });

  test('when the sources do not compile it starts nothing, says so, and exits with an error', () => {
    pretendBuilt();
    rmSync(path.join(root, 'dist/.built'));
    pretendCompiler(2);
    const { status, stdout, stderr } = run('scripts/start.js');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('do not compile');
  });
});
