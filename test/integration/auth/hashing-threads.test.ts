import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { HashingThreads } from '../../../src/adapters/auth/hashing-threads.js';
import { decoyOf, hashPassword, parsePasswordHash } from '../../../src/adapters/auth/password-hash.js';
import { AuthenticationBusy } from '../../../src/application/ports/authentication-provider.js';
import { waitUntil } from '../../support/wait-until.js';

const PROGRAM = new URL('../../../src/adapters/auth/hashing-thread.ts', import.meta.url);
const LOADER = new URL('../../support/register-typescript.js', import.meta.url);
const opened: HashingThreads[] = [];

function open(program = PROGRAM): HashingThreads {
  const threads = new HashingThreads(program, { execArgv: ['--import', LOADER.href] });
  opened.push(threads);
  return threads;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((threads) => threads.stop()));
});

/** Threads of this process that have the lowest priority: proc_pid_stat(5), field 19. */
function lowThreads(): number {
  return readdirSync('/proc/self/task').filter((task) => {
    const stat = readFileSync(`/proc/self/task/${task}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16] === '19';
  }).length;
}

const stored = parsePasswordHash(await hashPassword('geheim'))!;
const [right, wrong] = [Buffer.from('geheim'), Buffer.from('other')];

test('passwords are checked by a thread with the lowest priority, one by one the same', async () => {
  const threads = open();
  expect(lowThreads()).toBe(0);
  expect(await threads.verify(stored, right)).toBe(true);
  expect(await threads.verify(stored, wrong)).toBe(false);
  expect(await threads.verify(decoyOf(stored), right)).toBe(false);
  expect(lowThreads()).toBe(1);
});

test('checks at the same time have threads of their own, which go when the broker stops', async () => {
  const threads = open();
  const checks = [right, wrong, right].map((password) => threads.verify(stored, password));
  expect(await Promise.all(checks)).toEqual([true, false, true]);
  expect(lowThreads()).toBe(3);
  const late = expect(threads.verify(stored, right)).rejects.toThrow(AuthenticationBusy);
  await threads.stop();
  await late;
  await expect(threads.verify(stored, right)).rejects.toThrow(AuthenticationBusy);
  await waitUntil(() => lowThreads() === 0, 'the end of the threads');
});

test('a check that breaks a thread says so, and the next one has another', async () => {
  const threads = open();
  const impossible = { ...stored, cost: { memoryCost: 1, timeCost: 0, parallelism: 9 } } as never;
  await expect(threads.verify(impossible, right)).rejects.toThrow(/argon|memory|cost|param/i);
  expect(await threads.verify(stored, right)).toBe(true);
});

test('a thread that ends without an answer fails the check', async () => {
  const threads = open(new URL('data:text/javascript,process.exit(7)'));
  await expect(threads.verify(stored, right)).rejects.toThrow(
    'the thread that checks passwords has ended with code 7',
  );
});
