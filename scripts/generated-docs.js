/**
 * Writes docs/openapi.json from the routes of the admin API, and docs/command-line.md from the commands; `--check` only says
 * whether they are current. Exit codes: 0 written or current, 1 stale (with --check) or the build failed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';

import { format } from 'prettier';

import { buildIfStale } from './build-if-stale.js';

const root = new URL('../', import.meta.url);

async function main() {
  if (buildIfStale().exitCode !== 0) return 1;
  const { openApiDocument } = await import('../dist/adapters/http/openapi-document.js');
  const { commandReference } = await import('../dist/adapters/cli/command-reference.js');
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const document = JSON.stringify(await openApiDocument(version));
  const files = {
    'docs/openapi.json': await format(document, { parser: 'json', printWidth: 110 }),
    'docs/command-line.md': commandReference(),
  };
  const stale = Object.entries(files).filter(([file, text]) => textOf(file) !== text);
  if (!process.argv.includes('--check')) {
    for (const [file, text] of stale) writeFileSync(new URL(file, root), text);
    return 0;
  }
  for (const [file] of stale) console.error(`${file} is stale: run \`npm run docs:admin\``);
  return stale.length === 0 ? 0 : 1;
}

function textOf(file) {
  const url = new URL(file, root);
  return existsSync(url) ? readFileSync(url, 'utf8') : undefined;
}

process.exitCode = await main();
