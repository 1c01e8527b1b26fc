import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ExportFile } from '../../../src/adapters/audit-files/export-file.js';
import { parseRecordLine } from '../../../src/adapters/audit-files/record-lines.js';
import { NodeDigest } from '../../../src/adapters/crypto/node-digest.js';
import { VerifyTrail } from '../../../src/application/audit/verify-trail.js';
import { AUDIT_KINDS } from '../../../src/domain/audit/audit-event.js';
import { canonicalForm } from '../../../src/domain/audit/canonical-form.js';
import { checkpointText } from '../../../src/domain/audit/checkpoint.js';
import type { StoredRecord } from '../../../src/domain/audit/stored-record.js';
import { linesOf, MadeUpKey } from '../../support/made-up-trail.js';

const page = readFileSync(new URL('../../../docs/audit.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
  language,
  text,
}));
const block = (isIt: (text: string) => boolean, language = '') =>
  blocks.find((other) => other.language === language && isIt(other.text))?.text ?? '';
const examples = block(() => true, 'jsonl');
const records = examples
  .trimEnd()
  .split('\n')
  .map((line) => parseRecordLine(line) as StoredRecord);

let directory: string;
let file: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'documented-'));
  file = join(directory, 'examples.jsonl');
  writeFileSync(file, examples);
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('the documented examples', () => {
  test('have one of each kind, and no other', () => {
    expect(records.map(({ kind }) => kind).sort()).toEqual([...AUDIT_KINDS].sort());
  });

  test('are a chain that verifies as an export does', async () => {
    const parts = { checkpoints: linesOf([]), keys: new MadeUpKey(), digest: new NodeDigest() };
    const report = await new VerifyTrail({ ...parts, reader: new ExportFile(file) }).verify();
    expect(report).toMatchObject({ fault: undefined, records: AUDIT_KINDS.length });
  });

  test('show of folded refusals what folding keeps', () => {
    const folded = records.filter(({ details }) => details?.['firstAtMs'] !== undefined);
    expect(folded.map(({ details }) => Object.keys(details ?? {}))).toEqual([
      ['count', 'firstAtMs', 'lastAtMs'],
    ]);
    expect(folded.map(({ atMs, details }) => atMs === details?.['lastAtMs'])).toEqual([true]);
  });

  test('have the canonical form and the hash that are written out for the first', () => {
    const [first] = records;
    expect(block((text) => text.startsWith('[1,1,'))).toBe(`${canonicalForm(first!)}\n`);
    expect(block((text) => /^[0-9a-f]{64}\n$/.test(text))).toBe(
      `${Buffer.from(first!.hash).toString('hex')}\n`,
    );
  });
});

test('the signed text is as documented', () => {
  const checkpoint = { node: 'broker-a', sequence: 1000, hash: '<64 hex digits>', atMs: 1_772_366_400_000 };
  expect(block((text) => text.startsWith('surety-checkpoint'))).toBe(`${checkpointText(checkpoint)}\n`);
});

const hasPython = spawnSync('python3', ['--version']).status === 0;
(hasPython ? describe : describe.skip)('the documented verifier in Python', () => {
  const run = (path: string) => {
    const program = join(directory, 'verify.py');
    writeFileSync(
      program,
      block(() => true, 'python'),
    );
    return execFileSync('python3', [program, path], { encoding: 'utf8', stdio: 'pipe' });
  };

  test('finds the examples in order', () => {
    expect(run(file)).toBe(`${AUDIT_KINDS.length} records are in order\n`);
  });

  test('names the first record that was changed', () => {
    const changed = join(directory, 'changed.jsonl');
    writeFileSync(changed, examples.replace('"sessionPresent":false', '"sessionPresent":true'));
    expect(() => run(changed)).toThrow('record 4 is not what was written');
  });
});
