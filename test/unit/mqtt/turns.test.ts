import { expect, test } from '@jest/globals';
import { FairShare } from '../../../src/adapters/mqtt/fair-share.js';
import { LaterTurn } from '../../../src/adapters/mqtt/turns.js';
import { makeNetwork } from '../../support/fake-client.js';
import { pingreq, publish, subscribe } from '../../support/packets.js';

/** One turn of the event loop, no more. */
const oneTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A share whose clock goes on by `lookMs` whenever it is looked at. */
function slowClock(): [{ lookMs: number }, FairShare] {
  let nowMs = 0;
  const clock = { lookMs: 0 };
  return [clock, new FairShare(() => (nowMs += clock.lookMs))];
}

test('what is asked for again before its turn has come is done once, and can be asked for anew while it is done', async () => {
  let done = 0;
  const later = new LaterTurn(new FairShare(), () => {
    done += 1;
    if (done === 1) later.ask();
  });
  later.ask();
  later.ask();
  expect([done, later.isDue]).toEqual([0, true]);
  await oneTurn();
  expect([done, later.isDue]).toEqual([1, true]);
  await oneTurn();
  await oneTurn();
  expect([done, later.isDue]).toEqual([2, false]);
});

test('those who were held as the journal was full go on one after the other', async () => {
  const [clock, share] = slowClock();
  const network = makeNetwork({ share });
  const clients = [await network.connect(), await network.connect(), await network.connect()];
  const links = [...network.state.clients.values()].map(({ link }) => link);
  for (const client of clients) client.packets();
  for (const link of links) link.holdReading();
  clock.lookMs = 4;
  const before = network.broker.counters.receivedPackets;
  for (const client of clients) client.stream.receive(pingreq());
  for (const link of links) link.resumeReading();
  const handled = (): number => network.broker.counters.receivedPackets - before;
  expect(handled()).toBe(0);
  await oneTurn();
  expect(handled()).toBe(2);
  await oneTurn();
  expect(handled()).toBe(3);
});

test('retained messages for many new subscribers come in turns, and all of them do', async () => {
  const [clock, share] = slowClock();
  const network = makeNetwork({ share });
  const publisher = await network.connect();
  for (let i = 0; i < 1000; i += 1)
    publisher.stream.receive(publish({ topic: `kept/${i}`, payload: 'x', retain: true }));
  while (network.state.retained.size < 1000) await oneTurn();
  const subscribers = [];
  for (let i = 0; i < 8; i += 1) subscribers.push(await network.connect());
  clock.lookMs = 4;
  for (const { stream } of subscribers) stream.receive(subscribe(1, ['kept/#', 0]));
  const counts = subscribers.map(() => 0);
  let turns = 0;
  for (; turns < 1000 && counts.some((count) => count < 1000); turns += 1) {
    await oneTurn();
    for (const [i, client] of subscribers.entries()) counts[i]! += client.publishes().length;
  }
  expect(counts).toEqual(subscribers.map(() => 1000));
  // Two have their turn in the time of one, with two hundred messages each.
  expect(turns).toBeGreaterThanOrEqual(8000 / 400);
});
