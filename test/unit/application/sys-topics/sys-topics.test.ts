import { expect, test } from '@jest/globals';
import { LoadAverage } from '../../../../src/application/sys-topics/load-average.js';
import { publish, subscribe } from '../../../support/packets.js';
import { makeNetwork, turn } from '../../../support/fake-client.js';

const watched = async (options: { filter?: string; clean?: boolean } = {}) => {
  const network = makeNetwork();
  network.sysTopics.start();
  const client = await network.connect({ cleanSession: options.clean ?? true });
  await client.send(subscribe(1, [options.filter ?? '$SYS/broker/#', 1]));
  const values = () =>
    Object.fromEntries(
      client.publishes().map(({ topic, payload }) => [topic.slice('$SYS/broker/'.length), payload]),
    );
  return { network, client, values };
};

test('who subscribes gets the present values at once, as retained messages at QoS 0', async () => {
  const { client } = await watched();
  const publishes = client.publishes();
  expect(publishes.find(({ topic }) => topic === '$SYS/broker/version')).toMatchObject({
    payload: 'surety version x',
    qos: 0,
    retain: true,
  });
  expect(publishes.length).toBeGreaterThan(50);
});

test('at each interval the values that have changed are published', async () => {
  const { network, client, values } = await watched();
  values();
  await client.send(publish({ topic: 'a', payload: 'xyz' }));
  network.clock.advance(10_000);
  await turn();
  const after = values();
  expect(after).toMatchObject({
    uptime: '10 seconds',
    'clients/connected': '1',
    'publish/messages/received': '1',
    'publish/bytes/received': '3',
    'subscriptions/count': '1',
  });
  expect(after).not.toHaveProperty('version');
  expect(after).not.toHaveProperty('clients/expired');
});

test.each(['#', '+/broker/uptime'])('%s does not match them', async (filter) => {
  const { network, values } = await watched({ filter });
  network.clock.advance(10_000);
  await turn();
  expect(values()).toEqual({});
});

test('an absent client is owed none of them, and none counts as dropped', async () => {
  const { network, client } = await watched({ clean: false });
  client.stream.end();
  client.stream.destroy();
  await turn();
  network.clock.advance(20_000);
  expect(network.broker.counters.dropped.offline).toBe(0);
  expect(network.broker.counters.totals.queuedMessages).toBe(0);
});

test('load is what came in a minute, averaged so that it follows slowly', () => {
  let count = 0;
  const load = new LoadAverage(() => count);
  for (let tick = 0; tick < 6; tick += 1) {
    count += 100;
    load.tick(10);
  }
  const [one, five, fifteen] = load.averages.map((average) => Math.round(average));
  expect([one, five, fifteen]).toEqual([379, 109, 39]);
});
