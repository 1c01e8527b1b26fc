/**
 * Writes docs/configuration.md from the configuration schema; `--check` only says whether it is current.
 * Exit codes: 0 written or current, 1 stale (with --check) or the build failed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { buildIfStale } from './build-if-stale.js';

const target = new URL('../docs/configuration.md', import.meta.url);

async function main() {
  if (buildIfStale().exitCode !== 0) return 1;
  const { configReference } = await import('../dist/adapters/config/config-reference.js');
  const text = configReference();
  if (!process.argv.includes('--check')) {
    writeFileSync(target, text);
    return 0;
  }
  if (currentText() === text) return 0;
  console.error('docs/configuration.md is stale: run `npm run docs:config`');
  return 1;
}

function currentText() {
  try {
    return readFileSync(target, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

process.exitCode = await main();
