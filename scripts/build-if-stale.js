/** Builds dist when a source is newer than it: `node scripts/build-if-stale.js`, or `buildIfStale()`. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const projectRoot = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * Compiles the project at `root` when that is needed, and removes what deleted sources have left in dist.
 *
 * @param {{ root?: string, compile?: (root: string) => number }} [options] `compile` returns an exit code.
 * @returns {{ exitCode: number, built: boolean, removed: string[] }} What was done; exit code 0 means that dist is current.
 */
export function buildIfStale({ root = projectRoot, compile = runTsc } = {}) {
  const dist = path.join(root, 'dist');
  const stamp = path.join(dist, '.built');
  const removed = removeOrphans(path.join(root, 'src'), dist);
  if (removed.length === 0 && newestInputMs(root) < modifiedMs(stamp))
    return { exitCode: 0, built: false, removed };
  // The stamp says when the build began: a source that changes while it runs is newer than that.
  const beganAt = new Date();
  rmSync(stamp, { force: true });
  const exitCode = compile(root);
  if (exitCode === 0) writeStamp(stamp, beganAt);
  return { exitCode, built: true, removed };
}

function runTsc(root) {
  const tsc = createRequire(path.join(root, 'package.json')).resolve('typescript/bin/tsc');
  const config = path.join(root, 'tsconfig.build.json');
  const { status, error } = spawnSync(process.execPath, [tsc, '-p', config], { cwd: root, stdio: 'inherit' });
  if (error !== undefined) throw error;
  return status ?? 1;
}

function writeStamp(stamp, beganAt) {
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, `${beganAt.toISOString()}\n`);
  utimesSync(stamp, beganAt, beganAt);
}

function newestInputMs(root) {
  const settings = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  const inputs = [...settings.map((name) => path.join(root, name)), ...filesUnder(path.join(root, 'src'))];
  return Math.max(...inputs.map(modifiedMs));
}

/** A missing file counts as older than everything. */
function modifiedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function removeOrphans(src, dist) {
  const orphans = filesUnder(dist).filter((file) => {
    const match = /^(.*)\.js(?:\.map)?$/.exec(path.relative(dist, file));
    return match !== null && !existsSync(path.join(src, `${match[1]}.ts`));
  });
  for (const file of orphans) rmSync(file);
  return orphans.map((file) => path.relative(dist, file));
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = buildIfStale().exitCode;
