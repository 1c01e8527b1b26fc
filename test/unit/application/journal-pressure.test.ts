import { expect, test } from '@jest/globals';
import { JournalPressure } from '../../../src/application/journal-pressure.js';
import { connected } from '../../support/connect-request.js';
import { makeBroker } from '../../support/make-broker.js';

test('clients whose publishes the journal has no room for aren’t read from until it has', async () => {
  let makeRoom: () => void = () => undefined;
  const health = {
    failure: undefined,
    isFull: false,
    onFailure: () => undefined,
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
