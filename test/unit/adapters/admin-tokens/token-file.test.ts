import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LocalAccessFile, readLocalRoute } from '../../../../src/adapters/admin-tokens/local-access-file.js';
import { TokenFile } from '../../../../src/adapters/admin-tokens/token-file.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { silentLogger } from '../../../support/silent-logger.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokens-'));
  file = join(folder, 'admin', 'tokens.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a token is found by its secret, which stands nowhere', async () => {
  const tokens = new TokenFile(file, new ManualClock());
  const secret = await tokens.add('dashboard', 'read');
  expect(secret).toMatch(/^surety_[\w-]{43}$/);
  expect(readFileSync(file, 'utf8')).not.toContain(secret);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await tokens.find(secret!)).toMatchObject({ name: 'dashboard', scope: 'read' });
  expect(await tokens.find(`${secret!}x`)).toBeUndefined();
  expect(await tokens.add('dashboard', 'read')).toBeUndefined();
});

test('a token that another process has revoked lets nobody in any more', async () => {
  const [ours, theirs] = [new TokenFile(file, new ManualClock()), new TokenFile(file, new ManualClock())];
  const secret = await ours.add('dashboard', 'operate');
  expect(await theirs.revoke('dashboard')).toBe(true);
  expect(await ours.find(secret!)).toBeUndefined();
  expect(await ours.revoke('dashboard')).toBe(false);
});

test('a file that holds something else is told of with what to do', async () => {
  const tokens = new TokenFile(file, new ManualClock());
  await tokens.add('a', 'read');
  writeFileSync(file, '{"tokens":[{"name":"a"}]}');
  expect(() => new TokenFile(file, new ManualClock())).toThrow(/tokens\.json can't be read.*mend it/s);
});

test('the local file lets in as long as its broker runs, and belongs to it', async () => {
  const local = join(folder, 'admin', 'local.json');
  const clock = new ManualClock();
  const [first, second] = [1, 2].map(() => new LocalAccessFile(local, clock, silentLogger));
  first!.open('http://127.0.0.1:1', undefined);
  const { secret } = readLocalRoute(local)!;
  expect(statSync(local).mode & 0o777).toBe(0o600);
  expect(await new TokenFile(file, clock, first!.token).find(secret)).toMatchObject({ scope: 'administer' });
  expect(await new TokenFile(file, clock, second!.token).find(secret)).toBeUndefined();
  second!.open('http://127.0.0.1:2', undefined);
  first!.close();
  expect(readLocalRoute(local)?.url).toBe('http://127.0.0.1:2');
  second!.close();
  expect(readLocalRoute(local)).toBeUndefined();
});

test('a change by another process is told of once, also when a call has seen it before', async () => {
  const [ours, theirs] = [new TokenFile(file, new ManualClock()), new TokenFile(file, new ManualClock())];
  const secret = await theirs.add('dashboard', 'read');
  expect(await ours.find(secret!)).toMatchObject({ name: 'dashboard' });
  expect([await ours.reload(), await ours.reload()]).toEqual([true, false]);
  await ours.revoke('dashboard');
  expect(await ours.reload()).toBe(false);
});

test('while something else stands in the file the tokens of before hold, and nothing is written over it', async () => {
  const tokens = new TokenFile(file, new ManualClock());
  const secret = await tokens.add('dashboard', 'read');
  writeFileSync(file, '{"tokens":[{"name"');
  expect(await tokens.find(secret!)).toMatchObject({ name: 'dashboard' });
  for (const attempt of [tokens.reload(), tokens.add('b', 'read'), tokens.revoke('dashboard')])
    await expect(attempt).rejects.toThrow('mend it, or remove it');
  expect(readFileSync(file, 'utf8')).toBe('{"tokens":[{"name"');
});
