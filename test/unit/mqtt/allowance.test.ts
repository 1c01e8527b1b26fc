import { expect, test } from '@jest/globals';
import { Allowance } from '../../../src/adapters/mqtt/allowance.js';

test('a second’s worth may be used at once, and comes back in proportion to time', () => {
  const allowance = new Allowance(10);
  allowance.use(9);
  expect(allowance.isUsedUp).toBe(false);
  allowance.use(1);
  expect(allowance.isUsedUp).toBe(true);
  allowance.refill(100);
  expect(allowance.isUsedUp).toBe(false);
  allowance.use(1);
  expect(allowance.isUsedUp).toBe(true);
});

test('what is overdrawn is waited off', () => {
  const allowance = new Allowance(100);
  allowance.use(350);
  allowance.refill(2400);
  expect(allowance.isUsedUp).toBe(true);
  allowance.refill(200);
  expect(allowance.isUsedUp).toBe(false);
});

test('time saves up no more than a second’s worth', () => {
  const allowance = new Allowance(10);
  allowance.refill(3_600_000);
  allowance.use(10);
  expect(allowance.isUsedUp).toBe(true);
});

test('a rate of 0 never runs out', () => {
  const allowance = new Allowance(0);
  allowance.use(1e9);
  expect(allowance.isUsedUp).toBe(false);
});
