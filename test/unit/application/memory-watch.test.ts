import { describe, expect, test } from '@jest/globals';
import { MemoryWatch } from '../../../src/application/memory-watch.js';
import { silentLogger } from '../../support/silent-logger.js';

const watched = () => {
  const lines: string[] = [];
  let pressure = 0;
  const gauge = { read: () => ({ usedBytes: pressure * 1000, limitBytes: 1000, pressure }) };
  const watch = new MemoryWatch(gauge, { ...silentLogger, warn: (message) => void lines.push(message) });
  const at = (next: number): string => {
    pressure = next;
    watch.check();
    return watch.isShort ? 'short' : watch.isFull ? 'full' : 'normal';
  };
  return { at, lines, watch };
};

describe('the watch over memory', () => {
  test('refuses from the limit on, and until a tenth of it is free again', () => {
    const { at } = watched();
    expect([0.5, 0.99, 1, 0.95, 0.9, 0.89, 0.99].map(at)).toEqual([
      ...['normal', 'normal', 'full', 'full', 'full', 'normal', 'normal'],
    ]);
  });

  test('slows publishers once it is 15 % over the limit, and until it is below', () => {
    const { at } = watched();
    expect([1.1, 1.15, 1.1, 1, 0.99, 1.1, 0.5].map(at)).toEqual([
      ...['full', 'short', 'short', 'short', 'full', 'full', 'normal'],
    ]);
  });

  test('goes from one end to the other at once', () => {
    const { at } = watched();
    expect([2, 0.1, 2].map(at)).toEqual(['short', 'normal', 'short']);
  });

  test('tells the operator of each change, and of nothing else', () => {
    const { at, lines } = watched();
    for (const pressure of [0.5, 1, 1, 1.2, 1.2, 0.5, 0.5]) at(pressure);
    expect(lines).toEqual([
      'memory is at its limit: new connections are refused',
      'memory is over its limit: publishers are slowed, and new connections are refused',
      'memory is below its limit again: all goes on as usual',
    ]);
  });

  test('keeps its last reading for the metrics', () => {
    const { at, watch } = watched();
    at(0.25);
    expect(watch.last).toMatchObject({ usedBytes: 250, limitBytes: 1000 });
  });
});
