import { expect, test } from '@jest/globals';
import { VOLATILE_STORAGE } from '../../../src/adapters/memory/volatile-storage.js';
import { JournalPressure } from '../../../src/application/journal-pressure.js';
import { connected } from '../../support/connect-request.js';
import { makeBroker } from '../../support/make-broker.js';

test('clients whose publishes the journal has no room for aren’t read from until it has', async () => {
  let makeRoom: () => void = () => undefined;
  const health = {
    ...VOLATILE_STORAGE.health,
    isFull: false,
    onRoom: (listener: () => void) => (makeRoom = listener),
  };
  const pressure = new JournalPressure(health);
  const { broker } = makeBroker();
  const [first, second] = [await connected(broker), await connected(broker, { clientId: 'second' })];
  pressure.hold(first.client);
  expect(first.link.isHeld).toBe(false);
  health.isFull = true;
  pressure.hold(first.client);
  expect([first.link.isHeld, second.link.isHeld]).toEqual([true, false]);
  health.isFull = false;
  makeRoom();
  expect(first.link.isHeld).toBe(false);
});

test('of those who publish to a journal that is behind, only who has added more than its share isn’t read from', async () => {
  let makeRoom: () => void = () => undefined;
  const health = {
    ...VOLATILE_STORAGE.health,
    isBehind: true,
    onRoom: (listener: () => void) => (makeRoom = listener),
  };
  const pressure = new JournalPressure(health);
  const { broker } = makeBroker();
  const [flood, quiet] = [await connected(broker), await connected(broker, { clientId: 'quiet' })];
  const publish = ({ client }: typeof flood, times: number): void => {
    for (let i = 0; i < times; i++) pressure.hold(client);
  };
  publish(flood, 16);
  publish(quiet, 16);
  expect([flood.link.isHeld, quiet.link.isHeld]).toEqual([false, false]);
  publish(flood, 1);
  expect([flood.link.isHeld, quiet.link.isHeld]).toEqual([true, false]);
  makeRoom();
  publish(flood, 16);
  expect(flood.link.isHeld).toBe(false);
});

test('clients with a clean session, of whom there is only something to tell, are read from while there is room for that', async () => {
  const health = { ...VOLATILE_STORAGE.health, failure: 'away', isFull: true, isTrailFull: false };
  const pressure = new JournalPressure(health);
  const { broker } = makeBroker();
  const clean = await connected(broker);
  const durable = await connected(broker, { clientId: 'durable', cleanSession: false });
  for (const { client } of [clean, durable]) pressure.holdForTrail(client);
  expect([clean.link.isHeld, durable.link.isHeld]).toEqual([false, true]);
  health.isTrailFull = true;
  pressure.holdForTrail(clean.client);
  expect(clean.link.isHeld).toBe(true);
});
