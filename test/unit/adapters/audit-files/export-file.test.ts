import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ExportFile } from '../../../../src/adapters/audit-files/export-file.js';
import { recordWriter } from '../../../../src/adapters/audit-files/record-lines.js';
import { chained, madeUpEvent } from '../../../support/made-up-trail.js';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'export-'));
  path = join(directory, 'trail.jsonl');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Enough for several chunks, with characters that a chunk's end may cut. */
const records = chained(
  Array.from({ length: 4000 }, (_, i) => madeUpEvent(i, { topic: 'é\u{1f600}'.repeat(60) })),
);
const text = records.map((record) => recordWriter('jsonl', true).line(record)).join('');

async function sequencesIn(content: string): Promise<number[]> {
  writeFileSync(path, content);
  const sequences = [];
  for await (const page of new ExportFile(path).pages()) {
    for (const { sequence, topic } of page) {
      expect(topic).toBe(records[0]!.topic);
      sequences.push(sequence);
    }
  }
  return sequences;
}

const numbers = records.map(({ sequence }) => sequence);

test('every record is read, in the order of the file', async () => {
  expect(await sequencesIn(text)).toEqual(numbers);
});

test('the last line may lack its end', async () => {
  expect(await sequencesIn(text.trimEnd())).toEqual(numbers);
});

test('an empty file holds no records', async () => {
  expect(await sequencesIn('')).toEqual([]);
});

test('a line that is no record is named', async () => {
  await expect(sequencesIn(`${text}{"sequence":\n`)).rejects.toThrow(
    `line 4001 of ${path} is not a record in JSON`,
  );
});

test('an export with a filter is told from a whole one', async () => {
  const filtered = recordWriter('jsonl', false).line(records[0]!);
  await expect(sequencesIn(filtered)).rejects.toThrow('holds no hashes, as it was exported with a filter');
});
