import { afterEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../support/manual-clock.js';
import { connect, publish } from '../support/packets.js';
import { RawClient } from '../support/raw-client.js';
import { startBroker, type StartOptions, type TestBroker } from '../support/start-broker.js';
import { waitUntil } from '../support/wait-until.js';

const SECOND = 1000;
const opened: RawClient[] = [];
let broker: TestBroker | undefined;

afterEach(async () => {
  for (const client of opened.splice(0)) client.destroy();
  await broker?.stop();
});

/** A broker with these limits, whose time stands still. */
async function start(config: NonNullable<StartOptions['config']>): Promise<{ clock: ManualClock }> {
  const clock = new ManualClock();
  broker = await startBroker({ clock, config });
  return { clock };
}

async function open(): Promise<RawClient> {
  const client = await RawClient.open(broker!.port);
  opened.push(client);
  return client;
}

/** So many connections at once, of which only so many are let in; those get their CONNACK. */
async function storm(count: number, letIn: number): Promise<RawClient[]> {
  const clients = await Promise.all(Array.from({ length: count }, open));
  for (const [i, client] of clients.entries()) client.send(connect({ clientId: `storm-${i}` }));
  await waitUntil(() => clients.filter(({ isClosed }) => isClosed).length >= count - letIn, 'the refusals');
  const within = clients.filter(({ isClosed }) => !isClosed);
  await Promise.all(within.map((client) => client.take('connack')));
  return within;
}

describe('a storm of connections', () => {
  test('past connectionsMax leaves those that are in alone, and room that is given back is used', async () => {
    await start({ limits: { connectionsMax: 20 } });
    const clients = await storm(100, 20);
    expect(clients).toHaveLength(20);
    await Promise.all(clients.map((client) => client.ping()));
    for (const client of clients.slice(0, 5)) client.destroy();
    await clients.at(-1)!.ping();
    expect(await storm(5, 5)).toHaveLength(5);
  });

  test('past connectionsPerAddressMax is closed at once', async () => {
    await start({ limits: { connectionsPerAddressMax: 10 } });
    expect(await storm(50, 10)).toHaveLength(10);
  });

  test('past connectRateMax is closed at once, and let in when it has waited', async () => {
    const { clock } = await start({ limits: { connectRateMax: 10 } });
    expect(await storm(50, 10)).toHaveLength(10);
    clock.advance(SECOND);
    expect(await storm(50, 10)).toHaveLength(10);
  });

  test('counts per address before its upgrade to WebSocket, which it may never ask for', async () => {
    await start({ listeners: [{ transport: 'websocket' }], limits: { connectionsPerAddressMax: 3 } });
    const silent = await Promise.all(Array.from({ length: 10 }, open));
    await waitUntil(() => silent.filter(({ isClosed }) => isClosed).length === 7, 'the refusals');
  });
});

describe('a flood of messages', () => {
  test.each([
    ['publishRateMax', { publishRateMax: 50 }, 0],
    ['publishBytesRateMax', { publishBytesRateMax: 100_000 }, 2000],
  ])('past %s is read more slowly: all of it arrives, in order', async (_, limits, payloadBytes) => {
    const { clock } = await start({ limits });
    const [subscriber, flooder, quiet] = (await storm(3, 3)) as [RawClient, RawClient, RawClient];
    await subscriber.subscribe(['flood', 0], ['quiet', 0]);
    const payloads = Array.from({ length: 150 }, (_, i) => `${i}`.padEnd(payloadBytes));
    flooder.send(...payloads.map((payload) => publish({ topic: 'flood', payload })));
    quiet.send(publish({ topic: 'quiet', payload: 'on time' }));
    const received: string[] = [];
    let refills = 0;
    for (; received.length <= payloads.length; refills++) {
      await subscriber.ping();
      for (const packet of subscriber.takeAll()) if (packet.type === 'publish') received.push(packet.payload);
      clock.advance(SECOND / 4);
    }
    expect(received.filter((payload) => payload !== 'on time')).toEqual(payloads);
    expect(received).toContain('on time');
    // Two or three times the rate, less what may be taken at once.
    expect(refills).toBeGreaterThanOrEqual(5);
  });
});
