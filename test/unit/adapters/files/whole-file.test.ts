import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeWhole } from '../../../../src/adapters/files/whole-file.js';
import { makeFolder, type TestFolder } from '../../../support/test-folder.js';

let folder: TestFolder;
beforeEach(() => void (folder = makeFolder()));
afterEach(() => folder.remove());

test('a file is written anew for whom it is meant, whatever an attempt before has left', () => {
  const file = join(folder.path, 'f');
  writeFileSync(`${file}.new`, 'half', { mode: 0o644 });
  writeWhole(file, 'whole', 0o600);
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['whole', 0o600]);
  expect(readdirSync(folder.path)).toEqual(['f']);
});

test('what can not be written leaves nothing behind', () => {
  const taken = join(folder.path, 'taken');
  mkdirSync(taken);
  expect(() => writeWhole(taken, 'x', 0o600)).toThrow('EISDIR');
  expect(() => writeWhole(join(folder.path, 'missing', 'f'), 'x', 0o600)).toThrow('ENOENT');
  expect(readdirSync(folder.path)).toEqual(['taken']);
});
