import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { endBrokerProcesses, startBrokerProcess } from './broker-process.js';
import { describeWithClient } from './real-clients.js';
import type {
  BrokerAddress,
  ClientConnection,
  Installed,
  Level,
  OpenOptions,
  RealClient,
  ReceivedMessage,
} from './real-clients.js';
import { waitUntil, withinMs } from './wait-until.js';

const LEVELS: readonly Level[] = [0, 1, 2];

/** What a test works with: one client program, one broker, and names that no other test has. */
interface Scene {
  readonly client: RealClient;
  /** Every message of the test goes to this topic or below. */
  readonly topic: string;
  /** Matches all topics of the test. */
  readonly filter: string;
  readonly clientId: string;
  /** Opens a connection, under the test's client id if no other is given. */
  open(options?: Partial<OpenOptions>): Promise<ClientConnection>;
  publish(qos: Level, ...payloads: readonly string[]): Promise<void>;
  retain(qos: Level, payload: string): Promise<void>;
  /** Checks that the connection got these messages and no other, once a last one has come through. */
  expectOnly(connection: ClientConnection, messages: readonly ReceivedMessage[]): Promise<void>;
}

/**
 * The address of the broker under test, which this starts. `E2E_BROKER=host:port` names another one that is
 * running already, so that a test can be held against a second implementation.
 */
export async function brokerUnderTest(): Promise<BrokerAddress> {
  const [host = '', port = ''] = (process.env['E2E_BROKER'] ?? '').split(':');
  return host === '' ? startBrokerProcess() : { host, port: Number(port) };
}

/** Everything that a client program has to get from the broker, as one suite. */
export function describeRealClient(name: string, installed: Installed): void {
  describeWithClient(name, installed, (client) => {
    let broker: BrokerAddress;
    beforeAll(async () => {
      broker = await brokerUnderTest();
    });
    afterEach(() => client.killAll());
    afterAll(endBrokerProcesses);
    const scene = (): Scene => newScene(client, broker);

    testDelivery(scene);
    testRetained(scene);
    testWills(scene);
    testSessions(scene);
    testTakeover(scene);
  });
}

function testDelivery(scene: () => Scene): void {
  test.each(LEVELS)('a QoS %i message arrives at the QoS of its publication', async (qos) => {
    const { topic, filter, ...act } = scene();
    const subscriber = await act.open({ subscribe: { filter, qos } });
    await act.publish(qos, 'hello');
    await act.expectOnly(subscriber, [{ topic, payload: 'hello', qos, retain: false }]);
  });

  test('a message arrives at the granted QoS when it was published at a higher one', async () => {
    const { topic, filter, ...act } = scene();
    const subscriber = await act.open({ subscribe: { filter, qos: 1 } });
    await act.publish(2, 'hello');
    await act.expectOnly(subscriber, [{ topic, payload: 'hello', qos: 1, retain: false }]);
  });

  test.each(LEVELS)('300 messages of QoS %i arrive once each and in order', async (qos) => {
    const { topic, filter, ...act } = scene();
    const subscriber = await act.open({ subscribe: { filter, qos: 2 } });
    const payloads = Array.from({ length: 300 }, (_, index) => `message ${index}`);
    await act.publish(qos, ...payloads);
    await act.expectOnly(
      subscriber,
      payloads.map((payload) => ({ topic, payload, qos, retain: false })),
    );
  });

  test('a payload of 100 kB arrives whole', async () => {
    const { topic, filter, ...act } = scene();
    const subscriber = await act.open({ subscribe: { filter, qos: 1 } });
    const payload = 'größe '.repeat(14_285);
    await act.publish(1, payload);
    await act.expectOnly(subscriber, [{ topic, payload, qos: 1, retain: false }]);
  });
}

function testRetained(scene: () => Scene): void {
  test.each(LEVELS)(
    'a message retained at QoS %i reaches a later subscriber, marked as retained',
    async (qos) => {
      const { topic, filter, ...act } = scene();
      await act.retain(qos, 'first state');
      await act.retain(qos, 'state');
      const subscriber = await act.open({ subscribe: { filter, qos: 2 } });
      await act.expectOnly(subscriber, [{ topic, payload: 'state', qos, retain: true }]);
    },
  );

  test('a present subscriber gets a retained message unmarked', async () => {
    const { topic, filter, ...act } = scene();
    const subscriber = await act.open({ subscribe: { filter, qos: 1 } });
    await act.retain(1, 'state');
    await act.expectOnly(subscriber, [{ topic, payload: 'state', qos: 1, retain: false }]);
  });

  test('an empty retained message clears the topic for later subscribers', async () => {
    const { filter, ...act } = scene();
    await act.retain(1, 'state');
    await act.retain(1, '');
    const subscriber = await act.open({ subscribe: { filter, qos: 1 } });
    await act.expectOnly(subscriber, []);
  });
}

function testWills(scene: () => Scene): void {
  const willOf = (topic: string, qos: Level, retain: boolean): NonNullable<OpenOptions['will']> => ({
    topic: `${topic}/will`,
    payload: 'gone',
    qos,
    retain,
  });

  test.each(LEVELS)('the QoS %i will of a client that is cut off is published', async (qos) => {
    const { topic, filter, ...act } = scene();
    const watcher = await act.open({ clientId: randomUUID(), subscribe: { filter, qos: 2 } });
    const client = await act.open({ will: willOf(topic, qos, false) });
    await client.kill();
    await waitUntil(() => watcher.received.length > 0, 'the will');
    await act.expectOnly(watcher, [{ topic: `${topic}/will`, payload: 'gone', qos, retain: false }]);
  });

  test('a will that asks for it is retained', async () => {
    const { topic, filter, ...act } = scene();
    const watcher = await act.open({ clientId: randomUUID(), subscribe: { filter, qos: 1 } });
    const client = await act.open({ will: willOf(topic, 1, true) });
    await client.kill();
    await waitUntil(() => watcher.received.length > 0, 'the will');
    const later = await act.open({ clientId: randomUUID(), subscribe: { filter, qos: 1 } });
    await act.expectOnly(later, [{ topic: `${topic}/will`, payload: 'gone', qos: 1, retain: true }]);
  });

  test('a client that disconnects takes its will with it', async () => {
    const { topic, filter, ...act } = scene();
    const watcher = await act.open({ clientId: randomUUID(), subscribe: { filter, qos: 1 } });
    const client = await act.open({ will: willOf(topic, 1, false) });
    await client.leave();
    await act.expectOnly(watcher, []);
  });
}

function testSessions(scene: () => Scene): void {
  test.each(['leave', 'kill'] as const)(
    'a session kept over a %s delivers what was queued meanwhile, by its old subscription',
    async (departure) => {
      const { client, topic, filter, ...act } = scene();
      const before = await act.open({ clean: false, subscribe: { filter, qos: 2 } });
      expect(before.sessionPresent).toBe(client.tellsSessionPresent ? false : undefined);
      await before[departure]();
      await act.publish(1, 'one', 'two');
      await act.publish(2, 'three', 'four');

      const after = await act.open({ clean: false });
      expect(after.sessionPresent).toBe(client.tellsSessionPresent ? true : undefined);
      await act.expectOnly(after, [
        { topic, payload: 'one', qos: 1, retain: false },
        { topic, payload: 'two', qos: 1, retain: false },
        { topic, payload: 'three', qos: 2, retain: false },
        { topic, payload: 'four', qos: 2, retain: false },
      ]);
    },
  );

  test('what was delivered and acknowledged does not come again after a reconnect', async () => {
    const { topic, filter, ...act } = scene();
    const before = await act.open({ clean: false, subscribe: { filter, qos: 2 } });
    await act.publish(2, 'once');
    await act.expectOnly(before, [{ topic, payload: 'once', qos: 2, retain: false }]);
    await before.leave();
    const after = await act.open({ clean: false });
    await act.expectOnly(after, []);
  });

  test('a clean connection finds neither the session nor its messages', async () => {
    const { client, topic, filter, ...act } = scene();
    const before = await act.open({ clean: false, subscribe: { filter, qos: 1 } });
    await before.leave();
    await act.publish(1, 'lost');
    const after = await act.open({ clean: true, subscribe: { filter: `${topic}/+`, qos: 1 } });
    expect(after.sessionPresent).toBe(client.tellsSessionPresent ? false : undefined);
    await act.expectOnly(after, []);
  });
}

function testTakeover(scene: () => Scene): void {
  test('a second connection of a client id ends the first, whose will is published', async () => {
    const { topic, filter, ...act } = scene();
    const watcher = await act.open({
      clientId: randomUUID(),
      subscribe: { filter: `${topic}/will`, qos: 1 },
    });
    const first = await act.open({
      clean: false,
      subscribe: { filter: topic, qos: 1 },
      will: { topic: `${topic}/will`, payload: 'replaced', qos: 1, retain: false },
    });
    first.suspend();
    const second = await act.open({ clean: false, subscribe: { filter, qos: 1 } });
    await waitUntil(() => watcher.received.length > 0, 'the will');
    await act.publish(1, 'for the second');
    await waitUntil(() => second.received.some(({ payload }) => payload === 'for the second'), 'the message');
    await second.leave();
    // Looked at before the first goes on: it may get to connect once more, and leave that will behind, too.
    expect(watcher.received.map(({ payload }) => payload)).toEqual(['replaced']);
    first.resume();
    await withinMs(first.ended, 'the first connection to end');
    expect(first.received).toEqual([]);
  });
}

function newScene(client: RealClient, broker: BrokerAddress): Scene {
  const topic = `scene/${randomUUID()}`;
  const clientId = `client-${randomUUID()}`;
  return {
    client,
    topic,
    filter: `${topic}/#`,
    clientId,
    open: (options) => client.open(broker, { clientId, ...options }),
    publish: (qos, ...payloads) => client.publish(broker, { topic, payloads, qos }),
    retain: (qos, payload) => client.publish(broker, { topic, payloads: [payload], qos, retain: true }),
    expectOnly: async (connection, messages) => {
      const last = `${topic}/end`;
      const ofTest = (): readonly ReceivedMessage[] =>
        connection.received.filter((message) => message.topic !== last);
      await client.publish(broker, { topic: last, payloads: ['end'], qos: 2 });
      await waitUntil(
        () => connection.received.length > ofTest().length && ofTest().length >= messages.length,
        `${messages.length} messages and the last one; there were ${JSON.stringify(connection.received).slice(0, 500)}`,
      );
      expect(ofTest()).toEqual(messages);
    },
  };
}
