import { expect, test } from '@jest/globals';
import { Ledger } from '../../crash/ledger.js';

const SOURCE = 3;
const FLOW = 1;

function ledgerOf(qos: number, ...numbers: readonly number[]): Ledger {
  const ledger = new Ledger('someone');
  for (const number of numbers) ledger.record(SOURCE, number, qos, FLOW);
  return ledger;
}

test('counts each message once', () => {
  const ledger = ledgerOf(1, 0, 1, 1, 2);
  expect(ledger.delivered).toBe(3);
  expect(ledger.countOf(SOURCE)).toBe(3);
  expect(ledger.has(SOURCE, 1)).toBe(true);
  expect(ledger.has(SOURCE, 3)).toBe(false);
  expect(ledger.countOf(SOURCE + 1)).toBe(0);
});

test('a repeat at QoS 1 is no duplicate, at QoS 2 it is', () => {
  expect(ledgerOf(1, 0, 1, 0, 1).duplicatedQos2).toBe(0);
  expect(ledgerOf(2, 0, 1, 0, 1).duplicatedQos2).toBe(2);
});

test('only first deliveries have to be in order', () => {
  expect(ledgerOf(1, 0, 1, 0, 1, 2).reordered).toBe(0);
  expect(ledgerOf(1, 0, 2, 1).reordered).toBe(1);
});

test('each flow has an order of its own', () => {
  const ledger = ledgerOf(1, 5);
  ledger.record(SOURCE, 4, 2, FLOW + 1);
  expect(ledger.reordered).toBe(0);
});

test('keeps numbers far beyond its first size', () => {
  const ledger = ledgerOf(2, 0, 1_000_000, 1_000_000);
  expect(ledger.has(SOURCE, 1_000_000)).toBe(true);
  expect(ledger.duplicatedQos2).toBe(1);
  expect(ledger.finds).toHaveLength(1);
});
