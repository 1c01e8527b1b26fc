import { describe, expect, test } from '@jest/globals';
import { makeNetwork, turn } from '../../support/fake-client.js';
import { connect, publish } from '../../support/packets.js';

describe('an endpoint', () => {
  test('ends all connections when it is told to, also those that never sent a CONNECT', async () => {
    const { open, connect: connectClient, endpoint, broker } = makeNetwork();
    const [silent, half, whole] = [open()!, open()!, await connectClient()];
    await half.send(connect({ clientId: 'half' }).subarray(0, 5));
    endpoint.closeAll();
    await turn();
    expect([silent, half, whole].map(({ stream }) => stream.isEnded)).toEqual([true, true, true]);
    expect(broker.counters.closed.get('server_shutdown')).toBe(3);
  });

  test('writes what is on its way before it ends a connection', async () => {
    const { connect: connectClient, endpoint } = makeNetwork();
    const client = await connectClient();
    await client.subscribe(['t', 0]);
    client.stream.receive(publish({ topic: 't', payload: 'last' }));
    endpoint.closeAll();
    expect(client.payloads()).toEqual(['last']);
    expect(client.stream.isEnded).toBe(true);
  });

  test('leaves no tick behind when it stops', () => {
    const { endpoint, clock } = makeNetwork();
    const before = clock.tickerCount;
    endpoint.stop();
    expect(clock.tickerCount).toBe(before - 1);
  });

  test('outlives a client whose filter is as deep as can be, when its connection is lost', async () => {
    const { connect: connectClient, broker } = makeNetwork({ limits: { topicLevelsMax: 65_536 } });
    const client = await connectClient();
    await client.subscribe(['+' + '/+'.repeat(32_000), 0]);
    expect(broker.gauges().subscriptions).toBe(1);
    client.stream.close();
    expect([broker.gauges().subscriptions, broker.counters.internalErrors]).toEqual([0, 0]);
  });
});
