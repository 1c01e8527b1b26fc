import { afterAll, expect, test } from '@jest/globals';
import { dataDirOf } from '../../../src/adapters/config/data-dir.js';
import { makeFolder } from '../../support/test-folder.js';

const folder = makeFolder();
afterAll(() => folder.remove());

test.each([
  ['an unknown key', 'dataDir: /var/d\nlimit: 1\n', {}, '/var/d'],
  ['broken YAML behind it', 'dataDir: /var/d\nlisteners:\n  - port: [', {}, '/var/d'],
  ['broken YAML before it', 'log: {level: info\ndataDir: /var/d\n', {}, '/var/d'],
  ['a variable over it', 'dataDir: /var/d\nlimit: 1\n', { SURETY_DATA_DIR: '/var/e' }, '/var/e'],
  ['a data folder that is none', 'dataDir: 7\n', {}, undefined],
  ['none in it', 'limit: 1\n', {}, './data'],
  ['none in the part of it that is YAML', 'listeners:\n  - port: [', {}, undefined],
])('the data folder is found in a file with %s, where that can be told', (_, text, env, found) => {
  expect(dataDirOf({ file: folder.write('surety.yaml', text), env })).toBe(found);
});

test('no data folder is made up where the file is not there', () => {
  expect(dataDirOf({ file: `${folder.path}/none.yaml`, env: {} })).toBeUndefined();
});
