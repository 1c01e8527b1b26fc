import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { expect, test } from '@jest/globals';
import { openFiles } from '../../../../src/adapters/prometheus/open-files.js';

const FILES = 50;
const valueIn = async (folder?: string): Promise<number> =>
  Number((await openFiles(folder).get()).values[0]?.value);

test('files that the process opens are counted', async () => {
  const before = await valueIn();
  const files = Array.from({ length: FILES }, () => openSync(devNull, 'r'));
  // Others of this process may come and go meanwhile, though not as many.
  expect(Math.abs((await valueIn()) - before - FILES)).toBeLessThan(FILES / 2);
  files.forEach((file) => closeSync(file));
});

test('a folder that has no size is counted by its entries', async () => {
  expect(await valueIn('/proc/self/task')).toBeGreaterThan(1);
});

test('where the system does not say, the value is not a number', async () => {
  expect(await valueIn('/proc/self/missing')).toBeNaN();
});
