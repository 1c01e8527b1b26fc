import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CheckpointFile } from '../../../../src/adapters/audit-files/checkpoint-file.js';
import {
  checkpointLine,
  parseCheckpoint,
  type SignedCheckpoint,
} from '../../../../src/domain/audit/checkpoint.js';

let directory: string;
let path: string;
let file: CheckpointFile;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'checkpoints-'));
  path = join(directory, 'audit', 'checkpoints.jsonl');
  file = new CheckpointFile(path);
});
afterEach(() => rmSync(directory, { recursive: true }));

const checkpoint = (sequence: number): SignedCheckpoint => ({
  ...{
    node: 'a',
    sequence,
    hash: 'ab'.repeat(32),
    atMs: 1_700_000_000_000,
    key: '0123456789abcdef',
    signature: 'AA==',
  },
});

async function linesOf(source: CheckpointFile): Promise<{ number: number; text: string }[]> {
  const lines = [];
  for await (const line of source.lines()) lines.push(line);
  return lines;
}

test('each checkpoint is a line that is read back as it was', async () => {
  await file.append(checkpoint(1));
  await file.append(checkpoint(2));
  const lines = await linesOf(file);
  expect(lines.map(({ number }) => number)).toEqual([1, 2]);
  expect(lines.map(({ text }) => parseCheckpoint(text))).toEqual([checkpoint(1), checkpoint(2)]);
  expect(statSync(path).mode & 0o027).toBe(0);
});

test('the line is as documented', () => {
  expect(checkpointLine(checkpoint(1))).toBe(
    `{"version":1,"node":"a","sequence":1,"hash":"${'ab'.repeat(32)}","atMs":1700000000000,"key":"0123456789abcdef","signature":"AA=="}`,
  );
});

test('what is there is never written over, and half a line not continued', async () => {
  await file.append(checkpoint(1));
  appendFileSync(path, '{"version":1,"no');
  await file.append(checkpoint(2));
  expect(readFileSync(path, 'utf8').split('\n')).toEqual([
    checkpointLine(checkpoint(1)),
    '{"version":1,"no',
    checkpointLine(checkpoint(2)),
    '',
  ]);
});

test('a file that was moved away is followed by another', async () => {
  await file.append(checkpoint(1));
  renameSync(path, `${path}.1`);
  await file.append(checkpoint(2));
  expect(await linesOf(file)).toEqual([{ number: 1, text: checkpointLine(checkpoint(2)) }]);
});

test('what is added after the lines were asked for is not read, nor a last line that is still being written', async () => {
  await file.append(checkpoint(1));
  const asked = file.lines();
  await file.append(checkpoint(2));
  const numbers = [];
  for await (const { number } of asked) numbers.push(number);
  expect(numbers).toEqual([1]);
  appendFileSync(path, checkpointLine(checkpoint(3)).slice(0, -5));
  expect((await linesOf(file)).map(({ number }) => number)).toEqual([1, 2]);
});

test('an empty file has no lines', async () => {
  await file.append(checkpoint(1));
  truncateSync(path);
  expect(await linesOf(file)).toEqual([]);
});

test('a place that can not be written is told of', async () => {
  const blocked = new CheckpointFile(join(directory, 'audit'));
  await file.append(checkpoint(1));
  await expect(blocked.append(checkpoint(1))).rejects.toThrow('EISDIR');
});

test.each([
  '',
  '{}',
  'null',
  checkpointLine(checkpoint(0)),
  checkpointLine(checkpoint(1.5)),
  checkpointLine(checkpoint(1)).replace('"version":1', '"version":2'),
  checkpointLine(checkpoint(1)).replace('abab', 'ABAB'),
  checkpointLine(checkpoint(1)).slice(0, -1),
])('what is no checkpoint is not taken for one: %j', (line) => {
  expect(parseCheckpoint(line)).toBeUndefined();
});
