/**
 * Entry of `npm run bench`: compiles test/bench, and what it uses of test/support, to dist-bench when a source is newer than the last
 * compilation, then hands over to it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = join(root, 'dist-bench');
const stamp = join(output, '.compiled');

if (isStale()) compile();
const { main } = await import(new URL('../dist-bench/bench/main.js', import.meta.url).href);
process.exit(await main(process.argv.slice(2), root));

function isStale() {
  if (!existsSync(stamp)) return true;
  const compiledMs = statSync(stamp).mtimeMs;
  const sources = ['test/bench', 'test/support']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const settings = ['tsconfig.json', 'tsconfig.bench.json'].map((name) => join(root, name));
  return [...sources, ...settings].some((path) => statSync(path).mtimeMs >= compiledMs);
}

function compile() {
  rmSync(output, { recursive: true, force: true });
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.bench.json')], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
  writeFileSync(stamp, '');
}
