/**
 * Writes docs/configuration.md and docs/configuration.schema.json from the configuration schema; `--check` only says
 * whether they are current.
 * Exit codes: 0 written or current, 1 stale (with --check) or the build failed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { buildIfStale } from './build-if-stale.js';

const folder = new URL('../docs/', import.meta.url);

async function main() {
  if (buildIfStale().exitCode !== 0) return 1;
  const { configReference } = await import('../dist/adapters/config/config-reference.js');
  const { configJsonSchema } = await import('../dist/adapters/config/config-json-schema.js');
  const texts = { 'configuration.md': configReference(), 'configuration.schema.json': configJsonSchema() };
  if (!process.argv.includes('--check')) {
    for (const [name, text] of Object.entries(texts)) writeFileSync(new URL(name, folder), text);
    return 0;
  }
  const stale = Object.keys(texts).filter((name) => currentText(name) !== texts[name]);
  for (const name of stale) console.error(`docs/${name} is stale: run \`npm run docs:config\``);
  return stale.length === 0 ? 0 : 1;
}

function currentText(name) {
  try {
    return readFileSync(new URL(name, folder), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

process.exitCode = await main();
