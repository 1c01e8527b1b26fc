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
