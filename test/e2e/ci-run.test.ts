import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const SCRIPT = fileURLToPath(new URL('../../.ci/run', import.meta.url));
/** Stands for Jest, with its counts of passed, failed and skipped tests. */
const jest = (counts: string): string => `echo ${counts} > "$TEST_SUMMARY_FILE"`;

/** The script alone in a folder, with stand-ins for `npm` and for the package manager on its path. */
describe('.ci/run', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'surety-ci-'));
    mkdirSync(join(folder, 'bin'));
    cpSync(SCRIPT, join(folder, '.ci', 'run'));
    standIn('dpkg-query', 'printf installed');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('ends with the counts of the test run, what is run beside it, and exit code 0 when all passed', () => {
    expect(run({ test: jest('12 0 0') })).toEqual({ lastLine: '17 passed, 0 failed', code: 0 });
  });

  test('names skipped tests', () => {
    expect(run({ test: jest('12 0 3') })).toEqual({ lastLine: '17 passed, 0 failed, 3 skipped', code: 0 });
  });

  test('fails with a failed test', () => {
    expect(run({ test: `${jest('12 2 0')}; exit 1` })).toEqual({ lastLine: '17 passed, 2 failed', code: 1 });
  });

  test.each(['crash', 'outage', 'hostile-short', 'docs', 'image'])('counts a failed %s test as one failure', (name) => {
    const end = run({ test: jest('12 0 0'), [`run test:${name}`]: 'exit 1' });
    expect(end).toEqual({ lastLine: '16 passed, 1 failed', code: 1 });
  });

  test('fails when no test ran', () => {
    expect(run({ test: jest('0 0 0') })).toEqual({ lastLine: '0 passed, 0 failed', code: 1 });
  });

  test('counts a failed check before the tests as a failure, and runs the tests all the same', () => {
    const end = run({ test: 'exit 1', 'run test:jest': jest('12 0 0') });
    expect(end).toEqual({ lastLine: '17 passed, 1 failed', code: 1 });
  });

  test('adds a failed check to failed tests', () => {
    const end = run({ test: 'exit 1', 'run test:jest': `${jest('11 1 0')}; exit 1` });
    expect(end).toEqual({ lastLine: '16 passed, 2 failed', code: 1 });
  });

  test('fails when the run fails although every test passed', () => {
    expect(run({ test: `${jest('12 0 0')}; exit 1` })).toEqual({ lastLine: '17 passed, 1 failed', code: 1 });
  });

  test('fails when the packages of the project cannot be installed', () => {
    expect(run({ ci: 'exit 1' })).toEqual({ lastLine: '0 passed, 1 failed', code: 1 });
  });

  test('tells the tests that they run in continuous integration, without input', () => {
    const end = run({ test: `[[ $CI == true ]] && ! read -r && ${jest('1 0 0')}` });
    expect(end).toEqual({ lastLine: '6 passed, 0 failed', code: 0 });
  });

  test('ends what the tests leave running', () => {
    const end = run({ test: `sleep 300 & echo $! > left; ${jest('1 0 0')}` });
    expect(end).toEqual({ lastLine: '6 passed, 0 failed', code: 0 });
    const pid = readFileSync(join(folder, 'left'), 'utf8').trim();
    // An ended process that nobody has waited for is still listed, as a zombie.
    const status = existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : 'gone Z';
    expect(status).toMatch(/ Z/);
  });

  test('installs the client programs that are missing, once more if the mirror fails', () => {
    standIn('dpkg-query', '[[ "$*" != *-clients ]] && printf installed');
    standIn('sudo', 'shift; "$@"');
    standIn('service', 'true');
    standIn('apt-get', 'echo "$*" >> apt.log; (( $(wc -l < apt.log) > 1 ))');
    const end = run({
      test: `[[ $(grep -c "install .* mosquitto-clients$" apt.log) == 1 ]] && ${jest('1 0 0')}`,
    });
    expect(end).toEqual({ lastLine: '6 passed, 0 failed', code: 0 });
  });

  function run(npm: Readonly<Record<string, string>>): { lastLine: string | undefined; code: number | null } {
    const cases = Object.entries(npm).map(([args, script]) => `'${args}') ${script} ;;`);
    standIn('npm', `case "$*" in\n${cases.join('\n')}\nesac`);
    const { status, stdout } = spawnSync(join(folder, '.ci', 'run'), {
      env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` },
      encoding: 'utf8',
      input: 'typed ahead\n',
      timeout: 15_000,
    });
    return { lastLine: stdout.trimEnd().split('\n').at(-1), code: status };
  }

  function standIn(command: string, script: string): void {
    writeFileSync(join(folder, 'bin', command), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  }
});
