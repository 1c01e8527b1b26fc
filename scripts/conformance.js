/**
 * `npm run conformance`: runs test/conformance, prints what became of each numbered statement of MQTT 3.1.1 that binds
 * a server, and writes docs/conformance.md. Fails when a statement has no test or a test fails.
 * With `--check` the file is compared instead of written. Against another broker (SURETY_CONFORMANCE_PORT) it is left alone.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { conformanceTable, renderMarkdown, renderText, serverStatements } from './conformance-table.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const documentPath = join(root, 'docs/conformance.md');
const statementsPath = join(root, 'docs/spec/mqtt-3.1.1.csv');

const report = runTests();
const broken = report.testResults.filter(({ assertionResults }) => assertionResults.length === 0);
const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
const table = conformanceTable(serverStatements(readFileSync(statementsPath, 'utf8')), tests);
const faults = [...broken.map(({ name, message }) => `could not run ${name}: ${message}`), ...table.faults];

console.log(renderText(table));
faults.push(...settleDocument(renderMarkdown(table)));
for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? 'conforming' : `${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'surety-conformance-'));
  const outputPath = join(folder, 'report.json');
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const flags = ['--experimental-vm-modules', '--no-warnings', jest];
  const options = ['test/conformance', '--json', '--outputFile', outputPath];
  try {
    spawnSync(process.execPath, [...flags, ...options], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return JSON.parse(readFileSync(outputPath, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes the document, or with `--check` compares it. @returns the faults found. */
function settleDocument(text) {
  if (process.env.SURETY_CONFORMANCE_PORT !== undefined) return [];
  if (!process.argv.includes('--check')) {
    writeFileSync(documentPath, text);
    return [];
  }
  return readIfPresent(documentPath) === text
    ? []
    : ['docs/conformance.md is not what the tests say: run `npm run conformance`'];
}

function readIfPresent(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
