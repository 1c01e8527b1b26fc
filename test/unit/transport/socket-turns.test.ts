import { expect, test } from '@jest/globals';
import { Socket } from 'node:net';
import { SocketTurns } from '../../../src/adapters/transport/socket-turns.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a few sockets have their turn at a time, in order, and none of those that have ended', async () => {
  const turns = new SocketTurns(8);
  const sockets = Array.from({ length: 20 }, () => new Socket());
  const begun: number[] = [];
  for (const [i, socket] of sockets.entries()) turns.take(socket, () => void begun.push(i));
  expect(begun).toEqual([]);
  await turn();
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  sockets[10]!.destroy();
  await turn();
  expect(begun.slice(8)).toEqual([8, 9, 11, 12, 13, 14, 15]);
  await turn();
  expect(begun.slice(15)).toEqual([16, 17, 18, 19]);
  turns.take(sockets[0]!, () => void begun.push(0));
  await turn();
  expect(begun.at(-1)).toBe(0);
});

test('those that gather wait while others come, but no longer than they may', async () => {
  let nowMs = 0;
  const turns = new SocketTurns(2, 16, () => nowMs);
  const begun: number[] = [];
  const come = (i: number): void => turns.take(new Socket(), () => void begun.push(i));
  come(0);
  await turn();
  come(1);
  await turn();
  come(2);
  await turn();
  expect(begun).toEqual([]);
  // Nobody came in this turn.
  await turn();
  expect(begun).toEqual([0, 1]);
  come(3);
  nowMs = 15;
  await turn();
  expect(begun).toEqual([0, 1]);
  come(4);
  nowMs = 16;
  await turn();
  expect(begun).toEqual([0, 1, 2, 3]);
});
