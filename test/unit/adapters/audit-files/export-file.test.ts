import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ExportFile } from '../../../../src/adapters/audit-files/export-file.js';
import { recordWriter } from '../../../../src/adapters/audit-files/record-lines.js';
import { NodeDigest } from '../../../../src/adapters/crypto/node-digest.js';
import { VerifyTrail } from '../../../../src/application/audit/verify-trail.js';
import { chained, linesOf, madeUpEvent, MadeUpKey } from '../../../support/made-up-trail.js';

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

test.each(['first', ...['{"sequence":', '', '{}']])(
  'a first line that is no record is named: %j',
  async (line) => {
    await expect(sequencesIn(`${line}\n${text}`)).rejects.toThrow(
      `line 1 of ${path} is not a record in JSON`,
    );
  },
);

describe('a line behind the first that is no record', () => {
  const lines = text.trimEnd().split('\n').slice(0, 20);
  const key = new MadeUpKey();

  const faultWith = async (spoiled: readonly string[]) => {
    writeFileSync(path, spoiled.map((line) => `${line}\n`).join(''));
    const checkpoints = linesOf([key.checkpoint(records[19]!)]);
    const parts = { reader: new ExportFile(path), checkpoints, keys: key, digest: new NodeDigest() };
    return (await new VerifyTrail(parts).verify()).fault;
  };

  test.each([
    ['is cut off', (line: string) => line.slice(0, 100)],
    ['is empty', () => ''],
    ['has lost its hash', (line: string) => line.replace(/,"hash":"\w+"/, '')],
    [
      'has its hash in capitals',
      (line: string) => line.replace(/"hash":"\w+"/, (hash) => hash.toUpperCase()),
    ],
  ])('is a record that was changed, where it %s', async (_, spoil) => {
    const spoiled = lines.with(7, spoil(lines[7]!));
    expect(await faultWith(spoiled)).toMatchObject({ kind: 'changed', sequence: 8 });
  });

  test('was inserted, where the records around it follow each other', async () => {
    const spoiled = lines.toSpliced(7, 0, 'see below', '{}');
    expect(await faultWith(spoiled)).toMatchObject({ kind: 'inserted', sequence: 8 });
  });

  test('does not hide what was done before it', async () => {
    const spoiled = lines.with(7, '').toSpliced(3, 1);
    expect(await faultWith(spoiled)).toMatchObject({ kind: 'removed', sequence: 4 });
  });

  test('is named where nothing is verified', async () => {
    writeFileSync(path, `${lines[0]}\n{"sequence":\n`);
    const pages = new ExportFile(path, false).pages();
    await expect(pages.next()).rejects.toThrow(`line 2 of ${path} is not a record in JSON`);
  });
});

test('an export with a filter is told from a whole one', async () => {
  const filtered = recordWriter('jsonl', false).line(records[0]!);
  await expect(sequencesIn(filtered)).rejects.toThrow('holds no hashes, as it was exported with a filter');
});
