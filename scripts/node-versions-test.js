/**
 * `npm run test:node-versions`: runs the unit, conformance and start tests on each version of Node.js that is supported, or on those in the
 * arguments. The binaries come from npm, into a temporary folder.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The oldest that package.json allows, and the newest of each line that is maintained. */
const VERSIONS = ['20.19.0', '22', '24', '26'];
const TESTS = ['test/unit', 'test/conformance', 'test/e2e/process-start.test.ts'];
const root = fileURLToPath(new URL('..', import.meta.url));
const jest = path.join(root, 'node_modules/jest/bin/jest.js');

const folder = mkdtempSync(path.join(tmpdir(), 'surety-node-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const versions = process.argv.length > 2 ? process.argv.slice(2) : VERSIONS;
const failed = versions.filter((version) => !passesOn(install(version)));
console.log(failed.length === 0 ? 'passed on every version' : `failed on ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** @returns where the binary is. */
function install(version) {
  const name = `node-${process.platform}-${process.arch}`;
  const prefix = path.join(folder, version);
  // The binary is all of the package: there is nothing to be run at its installation.
  const args = [
    'install',
    '--prefix',
    prefix,
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    `${name}@${version}`,
  ];
  run('npm', args, { stdio: 'pipe' });
  return path.join(prefix, 'node_modules', name, 'bin', 'node');
}

function passesOn(node) {
  console.log(`Node.js ${run(node, ['--version'], { stdio: 'pipe' }).stdout.toString().trim()}`);
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` };
  const { status } = spawnSync(node, [...options, jest, ...TESTS, '--silent', '--reporters=summary'], {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  return status === 0;
}

function run(command, args, options) {
  const result = spawnSync(command, args, options);
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${result.stderr}`);
  return result;
}
