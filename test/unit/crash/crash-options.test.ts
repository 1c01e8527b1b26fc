import { expect, test } from '@jest/globals';
import { parseCrashOptions } from '../../crash/crash-options.js';
import { Random } from '../../crash/random.js';

test('without arguments it runs 30 rounds of every fault with a large window', () => {
  expect(parseCrashOptions([])).toMatchObject({ rounds: 30, window: 3000, broken: undefined, keep: false });
  expect(parseCrashOptions([])).toHaveProperty('faults', expect.arrayContaining(['broker', 'postmaster']));
});

test.each([
  ['broker', 'broker-twice', 'postmaster'],
  ['postgres', 'postmaster', 'broker-twice'],
])('--only %s leaves the other faults out', (only, included, excluded) => {
  const options = parseCrashOptions(['--only', only]);
  expect(options).toHaveProperty('faults', expect.arrayContaining([included]));
  expect(options).toHaveProperty('faults', expect.not.arrayContaining([excluded]));
});

test('--only takes a single fault as well', () => {
  expect(parseCrashOptions(['--only', 'postgres-child'])).toHaveProperty('faults', ['postgres-child']);
});

test.each([
  [['--rounds', '0'], '--rounds'],
  [['--seed', 'x'], '--seed'],
  [['--only', 'network'], '--only'],
  [['--broken', 'everything'], '--broken'],
  [['--window', '70000'], '--window'],
  [['--quickly'], '--quickly'],
])('%j is a fault, which is named', (args, name) => {
  expect(parseCrashOptions(args)).toHaveProperty('fault', expect.stringContaining(name));
});

test('a seed makes the same choices again, and another seed others', () => {
  const choices = (seed: number): number[] => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.integer(1, 1000));
  };
  expect(choices(7)).toEqual(choices(7));
  expect(choices(7)).not.toEqual(choices(8));
  expect(Math.min(...choices(9))).toBeGreaterThanOrEqual(1);
  expect(Math.max(...choices(9))).toBeLessThanOrEqual(1000);
});

test('hands settings on to the broker, and says what is wrong with one', () => {
  const env = { SURETY_AUDIT_MESSAGES: '#', SURETY_LOG_LEVEL: 'info' };
  const args = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  expect(parseCrashOptions(args)).toMatchObject({ env });
  expect(parseCrashOptions([])).toMatchObject({ env: {} });
  expect(parseCrashOptions(['--env', 'PATH=/'])).toHaveProperty('fault', expect.stringContaining('PATH=/'));
});
