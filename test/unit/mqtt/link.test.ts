import { describe, expect, test } from '@jest/globals';
import { FairShare } from '../../../src/adapters/mqtt/fair-share.js';
import type { Authenticator } from '../../../src/application/ports/authenticator.js';
import { ANONYMOUS } from '../../../src/domain/access/principal.js';
import { makeNetwork, turn } from '../../support/fake-client.js';
import {
  connect,
  disconnect,
  pingreq,
  puback,
  publish,
  pubrel,
  subscribe,
  unsubscribe,
} from '../../support/packets.js';
import { madeUpPolicy } from '../../support/made-up-policy.js';

const SECOND = 1000;

describe('the beginning of a connection', () => {
  test('a first packet that is no CONNECT ends it [MQTT-3.1.0-1]', async () => {
    for (const packet of [
      pingreq(),
      publish({ topic: 't' }),
      puback(1),
      subscribe(1, ['t', 0]),
      unsubscribe(1, 't'),
      disconnect(),
    ]) {
      const { open, broker } = makeNetwork();
      const client = open()!;
      await client.send(packet);
      expect([client.stream.isEnded, client.packets()]).toEqual([true, []]);
      expect(broker.counters.closed.get('no_connect_first')).toBe(1);
    }
  });

  test('a second CONNECT ends it, and publishes the will of the first [MQTT-3.1.0-2]', async () => {
    const { connect: connectClient } = makeNetwork();
    const watcher = await connectClient();
    await watcher.subscribe(['will', 0]);
    const client = await connectClient({ will: { topic: 'will', payload: 'gone' } });
    await client.send(connect({ clientId: 'again' }));
    expect([client.stream.isEnded, client.packets()]).toEqual([true, []]);
    expect(watcher.payloads()).toEqual(['gone']);
  });

  test('packets right behind CONNECT are handled after it, in order', async () => {
    const { open } = makeNetwork();
    const client = open()!;
    await client.send(
      connect({ clientId: 'c' }),
      subscribe(1, ['t', 1]),
      publish({ topic: 't', payload: 'x' }),
      pingreq(),
    );
    expect(client.packets().map(({ type }) => type)).toEqual(['connack', 'suback', 'publish', 'pingresp']);
  });

  test('packets behind a CONNECT that is refused are thrown away [MQTT-3.1.4-5]', async () => {
    const authenticator: Authenticator = { authenticate: () => Promise.resolve({ refusal: 5 }) };
    const { open, broker } = makeNetwork({ authenticator });
    const client = open()!;
    await client.send(
      connect({ clientId: 'c' }),
      publish({ topic: 't', retain: true, payload: 'x' }),
      pingreq(),
    );
    expect(client.packets()).toEqual([{ type: 'connack', sessionPresent: false, returnCode: 5 }]);
    expect(client.stream.isEnded).toBe(true);
    expect([broker.gauges().retainedMessages, broker.counters.connectsRefused.get(5)]).toEqual([0, 1]);
  });

  test('nothing is read while a CONNECT is decided about', async () => {
    let decide: () => void = () => undefined;
    const authenticator: Authenticator = {
      authenticate: () =>
        new Promise(
          (resolve) => (decide = () => resolve({ principal: ANONYMOUS, authentication: 'anonymous' })),
        ),
    };
    const { open } = makeNetwork({ authenticator });
    const client = open()!;
    await client.send(connect({ clientId: 'c' }), pingreq());
    expect([client.stream.isPaused, client.packets()]).toEqual([true, []]);
    decide();
    await turn();
    expect(client.stream.isPaused).toBe(false);
    expect(client.packets().map(({ type }) => type)).toEqual(['connack', 'pingresp']);
  });

  test('a level that is not served is told by return code 1 [MQTT-3.1.2-2]', async () => {
    const { open } = makeNetwork();
    const client = open()!;
    await client.send(connect({ clientId: 'c', level: 5 }));
    expect(client.packets()).toEqual([{ type: 'connack', sessionPresent: false, returnCode: 1 }]);
    expect(client.stream.isEnded).toBe(true);
  });

  test('a client of MQTT 3.1 is told neither of a session nor of a failed subscription', async () => {
    const { open } = makeNetwork({ access: madeUpPolicy({ subscribe: () => true }) });
    const old = { protocolName: 'MQIsdp', level: 3, clientId: 'old', cleanSession: false };
    await open()!.send(connect(old), disconnect());
    const client = open()!;
    await client.send(connect(old), subscribe(1, ['t', 1]));
    expect(client.packets()).toEqual([
      { type: 'connack', sessionPresent: false, returnCode: 0 },
      { type: 'suback', packetId: 1, returnCodes: [0] },
    ]);
  });
});

describe('keep alive', () => {
  test('cuts a client off that sent nothing for one and a half times its period [MQTT-3.1.2-24]', async () => {
    const { connect: connectClient, clock, broker } = makeNetwork();
    const watcher = await connectClient();
    await watcher.subscribe(['will', 0]);
    const client = await connectClient({ keepAlive: 10, will: { topic: 'will', payload: 'late' } });
    clock.advance(14.75 * SECOND);
    expect(client.stream.isEnded).toBe(false);
    clock.advance(0.5 * SECOND);
    await turn();
    expect(client.stream.isEnded).toBe(true);
    expect(watcher.payloads()).toEqual(['late']);
    expect(broker.counters.closed.get('keep_alive_timeout')).toBe(1);
  });

  test('begins anew with whatever the client sends', async () => {
    const { connect: connectClient, clock } = makeNetwork();
    const client = await connectClient({ keepAlive: 10 });
    for (const packet of [pingreq(), publish({ topic: 't' }), puback(9), pingreq().subarray(0, 1)]) {
      clock.advance(14 * SECOND);
      await client.send(packet);
    }
    clock.advance(14 * SECOND);
    expect(client.stream.isEnded).toBe(false);
    clock.advance(2 * SECOND);
    expect(client.stream.isEnded).toBe(true);
  });

  test('is not put off by what the client is sent', async () => {
    const { connect: connectClient, clock } = makeNetwork();
    const [client, publisher] = [await connectClient({ keepAlive: 10 }), await connectClient()];
    await client.subscribe(['t', 0]);
    clock.advance(8 * SECOND);
    await publisher.send(publish({ topic: 't' }));
    clock.advance(8 * SECOND);
    expect(client.stream.isEnded).toBe(true);
  });

  test('of 0 is none', async () => {
    const { connect: connectClient, clock } = makeNetwork();
    const client = await connectClient({ keepAlive: 0 });
    clock.advance(2 * 86_400 * SECOND);
    expect(client.stream.isEnded).toBe(false);
  });
});

describe('the end of a connection', () => {
  test('by DISCONNECT discards the will, and whatever comes behind it [MQTT-3.14.4-3]', async () => {
    const { connect: connectClient, broker } = makeNetwork();
    const watcher = await connectClient();
    await watcher.subscribe(['#', 0]);
    const client = await connectClient({ will: { topic: 'will', payload: 'gone' } });
    await client.send(disconnect(), publish({ topic: 't', payload: 'late' }));
    client.stream.close();
    await turn();
    expect([client.stream.isEnded, watcher.payloads()]).toEqual([true, []]);
    expect(broker.gauges().connections).toBe(1);
  });

  test('by the peer publishes the will, once', async () => {
    const { connect: connectClient, endpoint } = makeNetwork();
    const watcher = await connectClient();
    await watcher.subscribe(['will', 0]);
    const client = await connectClient({ will: { topic: 'will', payload: 'gone' } });
    client.stream.close();
    await turn();
    expect([watcher.payloads(), endpoint.connectionCount]).toEqual([['gone'], 1]);
  });

  test('by takeover writes what was gathered, ends the older one and serves the newer [MQTT-3.1.4-2]', async () => {
    const { open, connect: connectClient, broker } = makeNetwork();
    const older = await connectClient({ clientId: 'same', cleanSession: false });
    const newer = open()!;
    await newer.send(connect({ clientId: 'same', cleanSession: false }));
    expect(older.stream.isEnded).toBe(true);
    expect(newer.packets()).toEqual([{ type: 'connack', sessionPresent: true, returnCode: 0 }]);
    older.stream.close();
    await turn();
    expect(await newer.isServed()).toBe(true);
    expect([broker.counters.takeovers, broker.gauges().connections]).toEqual([1, 1]);
  });

  test('while its CONNECT is decided about leaves nothing behind', async () => {
    let decide: () => void = () => undefined;
    const authenticator: Authenticator = {
      authenticate: () =>
        new Promise(
          (resolve) => (decide = () => resolve({ principal: ANONYMOUS, authentication: 'anonymous' })),
        ),
    };
    const { open, broker, endpoint } = makeNetwork({ authenticator });
    const client = open()!;
    await client.send(connect({ clientId: 'c', will: { topic: 'w' } }));
    client.stream.close();
    decide();
    await turn();
    expect([broker.gauges().connections, broker.gauges().sessions, endpoint.connectionCount]).toEqual([
      0, 0, 0,
    ]);
  });

  test('is waited for a while after ours, and then forced', async () => {
    const { connect: connectClient, clock } = makeNetwork();
    const client = await connectClient();
    await client.send(disconnect());
    clock.advance(2.75 * SECOND);
    expect(client.stream.isDestroyed).toBe(false);
    clock.advance(0.5 * SECOND);
    expect(client.stream.isDestroyed).toBe(true);
  });

  test('behind an UNSUBSCRIBE of a durable session is the last that is written', async () => {
    const { connect: connectClient } = makeNetwork();
    const client = await connectClient({ clientId: 'd', cleanSession: false });
    await client.subscribe(['t', 1]);
    const late: Uint8Array[] = [];
    const write = client.stream.write.bind(client.stream);
    client.stream.write = (bytes) => {
      if (client.stream.isEnded) late.push(bytes);
      else write(bytes);
    };
    await client.send(unsubscribe(2, 't'), disconnect());
    expect(late).toEqual([]);
  });
});

describe('a fault of our own', () => {
  test('ends the connection that met it, is counted, and touches no other', async () => {
    const access = madeUpPolicy({
      publish: (topic) => {
        if (topic === 'bad') throw new Error('planted');
        return false;
      },
    });
    const { connect: connectClient, broker } = makeNetwork({ access });
    const [first, second] = [await connectClient(), await connectClient()];
    await first.send(publish({ topic: 'bad' }), publish({ topic: 'good' }));
    expect([first.stream.isEnded, broker.counters.internalErrors]).toEqual([true, 1]);
    expect(await second.isServed()).toBe(true);
  });

  test('in an authenticator refuses the client', async () => {
    const authenticator: Authenticator = { authenticate: () => Promise.reject(new Error('planted')) };
    const { open } = makeNetwork({ authenticator });
    const client = open()!;
    await client.send(connect({ clientId: 'c' }));
    expect(client.packets()).toEqual([{ type: 'connack', sessionPresent: false, returnCode: 5 }]);
  });
});

describe('messages', () => {
  test('leave with the flags of their delivery, not of their publish', async () => {
    const { connect: connectClient } = makeNetwork();
    const [subscriber, publisher] = [await connectClient(), await connectClient()];
    await subscriber.subscribe(['t', 1]);
    await publisher.send(
      publish({ topic: 't', payload: 'a', qos: 2, dup: true, retain: true, packetId: 500 }),
      pubrel(500),
    );
    expect(publisher.packets()).toEqual([
      { type: 'pubrec', packetId: 500 },
      { type: 'pubcomp', packetId: 500 },
    ]);
    expect(subscriber.packets()).toEqual([
      { type: 'publish', topic: 't', payload: 'a', qos: 1, dup: false, retain: false, packetId: 1 },
    ]);
  });

  test('leave with their length in its shortest form, however it came', async () => {
    const { connect: connectClient } = makeNetwork();
    const [subscriber, publisher] = [await connectClient(), await connectClient()];
    await subscriber.subscribe(['t', 0]);
    await publisher.send(Buffer.from('308400000174' + '78', 'hex'));
    expect(subscriber.payloads()).toEqual(['x']);
  });

  test('are counted as they come and go', async () => {
    const { connect: connectClient, broker } = makeNetwork();
    const [subscriber, publisher] = [await connectClient(), await connectClient()];
    await subscriber.subscribe(['t', 1]);
    const packets = [
      publish({ topic: 't' }),
      publish({ topic: 't', qos: 1, packetId: 1 }),
      publish({ topic: 't', qos: 2, packetId: 2 }),
    ];
    const { receivedBytes, receivedPackets, sentBytes, sentPackets } = broker.counters;
    await publisher.send(...packets);
    expect([broker.counters.received, broker.counters.sent]).toEqual([
      [1, 1, 1],
      [1, 2, 0],
    ]);
    expect(broker.counters.receivedBytes - receivedBytes).toBe(Buffer.concat(packets).length);
    expect(broker.counters.receivedPackets - receivedPackets).toBe(3);
    // Three publishes go out, and PUBACK and PUBREC of four bytes each.
    expect(broker.counters.sentPackets - sentPackets).toBe(5);
    expect(broker.counters.sentBytes - sentBytes).toBe(packets[0]!.length + 2 * packets[1]!.length + 8);
    expect(subscriber.publishes()).toHaveLength(3);
  });
});

describe('when the time of all is used up', () => {
  test('what may take long waits for the next turn, and what is quick is answered at once', async () => {
    let nowMs = 0;
    const share = new FairShare(() => nowMs);
    const network = makeNetwork({ share });
    const [greedy, other, quick] = [
      await network.connect(),
      await network.connect(),
      await network.connect(),
    ];
    for (const client of [greedy, other, quick]) client.packets();
    greedy.stream.receive(subscribe(1, ['a', 0]));
    nowMs += 50;
    other.stream.receive(Buffer.concat([subscribe(2, ['b', 0]), pingreq()]));
    quick.stream.receive(pingreq());
    expect(network.state.subscriptions.size).toBe(1);
    await turn();
    expect(network.state.subscriptions.size).toBe(2);
    expect(other.packets().map(({ type }) => type)).toEqual(['suback', 'pingresp']);
    expect(quick.packets().map(({ type }) => type)).toEqual(['pingresp']);
  });

  test('very many filters are worked through in steps: others go on in between, and what is behind them waits', async () => {
    let nowMs = 0;
    // Every look at the clock finds that a while has passed.
    const share = new FairShare(() => (nowMs += 1.5));
    const network = makeNetwork({ share });
    const [greedy, other] = [await network.connect(), await network.connect()];
    const filters = Array.from({ length: 640 }, (_, i) => [`a/${i}`, 1] as const);
    const names = filters.map(([name]) => name);
    greedy.stream.receive(Buffer.concat([subscribe(1, ...filters), publish({ topic: 'a/639' }), pingreq()]));
    expect(network.state.subscriptions.size).toBeLessThan(640);
    other.stream.receive(publish({ topic: 'a/0', payload: 'between' }));
    expect(greedy.packets()).toEqual([]);
    while (network.state.subscriptions.size < 640) await turn();
    await turn();
    expect(greedy.packets().map(({ type }) => type)).toEqual(['publish', 'suback', 'publish', 'pingresp']);
    greedy.stream.receive(Buffer.concat([unsubscribe(2, ...names), publish({ topic: 'a/639' }), pingreq()]));
    expect(network.state.subscriptions.size).toBeGreaterThan(0);
    while (network.state.subscriptions.size > 0) await turn();
    await turn();
    expect(greedy.packets().map(({ type }) => type)).toEqual(['unsuback', 'pingresp']);
  });

  test('very many filters are left undone when the connection ends', async () => {
    let nowMs = 0;
    const share = new FairShare(() => (nowMs += 1.5));
    const network = makeNetwork({ share });
    const greedy = await network.connect();
    const filters = Array.from({ length: 640 }, (_, i) => [`a/${i}`, 1] as const);
    greedy.stream.receive(subscribe(1, ...filters));
    greedy.stream.close();
    await turn();
    await turn();
    expect([network.state.subscriptions.size, network.endpoint.connectionCount]).toEqual([0, 0]);
  });
});
