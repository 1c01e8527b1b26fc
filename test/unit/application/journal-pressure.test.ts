import { expect, test } from '@jest/globals';
import { VOLATILE_STORAGE } from '../../../src/adapters/memory/volatile-storage.js';
import type { ConnectedClient } from '../../../src/application/connected-client.js';
import { JournalPressure } from '../../../src/application/journal-pressure.js';
import { Publication } from '../../../src/application/publication.js';
import { Counters } from '../../../src/domain/counters.js';
import { messageOf } from '../../../src/domain/message.js';
import { Delivery, type DeliveryStage } from '../../../src/domain/session/delivery.js';
import type { Session } from '../../../src/domain/session/session.js';
import type { TopicName } from '../../../src/domain/topic/topic-name.js';
import { connected } from '../../support/connect-request.js';
import { makeBroker } from '../../support/make-broker.js';

/** A journal whose state a test sets. */
function makePressure() {
  const none = (): void => undefined;
  const tell = { room: none, failure: none };
  const health = {
    ...VOLATILE_STORAGE.health,
    failure: undefined as string | undefined,
    isFull: false,
    isTrailFull: false,
    onRoom: (listener: () => void) => (tell.room = listener),
    onFailure: (listener: () => void) => (tell.failure = listener),
  };
  const counters = new Counters();
  const pressure = new JournalPressure(health, { journalRowsMax: 4000 }, counters);
  return { pressure, health, tell, slowed: counters.slowed };
}

async function makeClients() {
  const { broker } = makeBroker();
  return [await connected(broker), await connected(broker, { clientId: 'second' })] as const;
}

/** What a test wants of a message other than little, for receivers that are away. */
interface MessageParts {
  readonly bytes?: number;
  readonly stage?: DeliveryStage;
}

/** One that so many sessions are owed. */
function publicationFor(sessions: number, { bytes = 5, stage = 'queued' }: MessageParts = {}): Publication {
  const publication = new Publication(bytes);
  for (let i = 0; i < sessions; i++) {
    const delivery = new Delivery(i, messageOf('t' as TopicName, Buffer.from('m'), 1, false), 1, false);
    delivery.stage = stage;
    publication.owe({ stored: () => undefined } as unknown as Session, delivery);
  }
  return publication;
}

/** Has a client publish messages of which the journal writes so many rows. */
function publish(
  pressure: JournalPressure,
  client: ConnectedClient,
  rows: number,
  parts?: MessageParts,
): Publication {
  const publication = publicationFor(rows, parts);
  pressure.hold(client, publication);
  return publication;
}

test('clients whose publishes the journal has no room for aren’t read from until it has', async () => {
  const { pressure, health, tell, slowed } = makePressure();
  const [first, second] = await makeClients();
  publish(pressure, first.client, 1);
  expect(first.link.isHeld).toBe(false);
  health.isFull = true;
  publish(pressure, first.client, 1);
  publish(pressure, first.client, 1);
  expect(slowed.journal).toBe(1);
  expect([first.link.isHeld, second.link.isHeld]).toEqual([true, false]);
  health.isFull = false;
  tell.room();
  expect(first.link.isHeld).toBe(false);
});

test('of those whose rows wait to be written, who added most isn’t read from until half of them are', async () => {
  const { pressure } = makePressure();
  const [flood, quiet] = await makeClients();
  publish(pressure, quiet.client, 20);
  const first = publish(pressure, flood.client, 1980);
  const second = publish(pressure, flood.client, 2000);
  expect(flood.link.isHeld).toBe(false);
  publish(pressure, flood.client, 1);
  publish(pressure, quiet.client, 1);
  expect([flood.link.isHeld, quiet.link.isHeld]).toEqual([true, false]);
  first.committed();
  expect(flood.link.isHeld).toBe(true);
  second.committed();
  expect(flood.link.isHeld).toBe(false);
});

test('a client alone may add all that may wait', async () => {
  const { pressure } = makePressure();
  const [{ client, link }] = await makeClients();
  publish(pressure, client, 4000);
  expect(link.isHeld).toBe(false);
  publish(pressure, client, 1);
  expect(link.isHeld).toBe(true);
});

test('what is on its way to receivers doesn’t count, since they may still acknowledge it', async () => {
  const { pressure } = makePressure();
  const [{ client, link }] = await makeClients();
  publish(pressure, client, 10_000, { stage: 'sent' });
  expect(link.isHeld).toBe(false);
});

test('a message is counted once, also if it comes again while it waits', async () => {
  const { pressure } = makePressure();
  const [{ client, link }] = await makeClients();
  const message = publish(pressure, client, 3000);
  pressure.hold(client, message);
  expect(link.isHeld).toBe(false);
});

test('large messages count for more than their rows', async () => {
  const { pressure } = makePressure();
  const [{ client, link }] = await makeClients();
  for (let i = 0; i < 4; i++) publish(pressure, client, 1, { bytes: 4 * 1024 * 1024 });
  expect(link.isHeld).toBe(true);
});

test('what waits for a database that is away is limited by its bytes alone', async () => {
  const { pressure, health, tell } = makePressure();
  const [first, second] = await makeClients();
  publish(pressure, first.client, 5000);
  expect(first.link.isHeld).toBe(true);
  health.failure = 'away';
  tell.failure();
  publish(pressure, second.client, 5000);
  expect([first.link.isHeld, second.link.isHeld]).toEqual([false, false]);
  health.isFull = true;
  publish(pressure, second.client, 1);
  tell.failure();
  expect(second.link.isHeld).toBe(true);
});

test('clients with a clean session, of whom there is only something to tell, are read from while there is room for that', async () => {
  const { pressure, health } = makePressure();
  Object.assign(health, { failure: 'away', isFull: true });
  const { broker } = makeBroker();
  const clean = await connected(broker);
  const durable = await connected(broker, { clientId: 'durable', cleanSession: false });
  for (const { client } of [clean, durable]) pressure.holdForTrail(client);
  expect([clean.link.isHeld, durable.link.isHeld]).toEqual([false, true]);
  health.isTrailFull = true;
  pressure.holdForTrail(clean.client);
  expect(clean.link.isHeld).toBe(true);
});
