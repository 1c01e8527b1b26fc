import { expect, test } from '@jest/globals';
import { Fifo } from '../../../../src/domain/session/fifo.js';

const fifoOf = (...items: number[]): Fifo<number> => {
  const fifo = new Fifo<number>();
  for (const item of items) fifo.push(item);
  return fifo;
};

test('an empty queue gives nothing', () => {
  const fifo = fifoOf();
  expect([fifo.length, fifo.peek(), fifo.shift(), [...fifo]]).toEqual([0, undefined, undefined, []]);
});

test('items leave in the order in which they came', () => {
  const fifo = fifoOf(1, 2, 3);
  expect([fifo.shift(), fifo.shift(), fifo.shift(), fifo.shift()]).toEqual([1, 2, 3, undefined]);
});

test('a look at the oldest item leaves it where it is', () => {
  const fifo = fifoOf(7, 8);
  expect([fifo.peek(), fifo.peek(), fifo.length]).toEqual([7, 7, 2]);
});

test('a queue that grows while its ring is turned keeps its order', () => {
  const fifo = new Fifo<number>();
  for (let i = 0; i < 12; i += 1) fifo.push(i);
  for (let i = 0; i < 10; i += 1) fifo.shift();
  for (let i = 12; i < 60; i += 1) fifo.push(i);
  expect([...fifo]).toEqual(Array.from({ length: 50 }, (_, i) => i + 10));
});

test('a queue that was long goes on after it was emptied', () => {
  const fifo = new Fifo<number>();
  for (let i = 0; i < 5000; i += 1) fifo.push(i);
  for (let i = 0; i < 5000; i += 1) expect(fifo.shift()).toBe(i);
  fifo.push(1);
  expect([fifo.length, fifo.shift(), fifo.length]).toEqual([1, 1, 0]);
});

test('clearing forgets all items', () => {
  const fifo = fifoOf(1, 2);
  fifo.clear();
  expect([fifo.length, [...fifo]]).toEqual([0, []]);
  fifo.push(3);
  expect([...fifo]).toEqual([3]);
});
