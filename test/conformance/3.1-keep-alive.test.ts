import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { unique, useBroker } from '../support/conformance-broker.js';
import { pingreq, puback, publish, subscribe, unsubscribe } from '../support/packets.js';
import type { RawClient } from '../support/raw-client.js';

const broker = useBroker();

/** 1.5 times the keep alive of one second, in milliseconds. */
const LIMIT_MS = 1_500;
/** How late the cut may come: the standard names no bound, the broker looks about twice a second. */
const LATE_MS = 1_500;

/** Milliseconds from `startMs` until the broker closes. */
const closedAfterMs = async (client: RawClient, startMs: number): Promise<number> => {
  await client.whenClosed(LIMIT_MS + LATE_MS);
  return performance.now() - startMs;
};

// Each of these takes a second or more of waiting, so the ones of a group wait together.
describe('keep alive', () => {
  test('a silent client is cut after 1.5 times its keep alive, not before, and its will is published [MQTT-3.1.2-24] [MQTT-3.1.2-8]', async () => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const fields = { keepAlive: 1, will: { topic, payload: 'silent' } };
    const startMs = performance.now();
    const client = await broker.connect(fields);
    const half = await broker.connect({ keepAlive: 1 });
    // What the broker sends does not count: this one is spoken to all the time.
    const listener = await broker.connect({ keepAlive: 1 });
    listener.send(subscribe(1, [`${topic}/chat`, 0]));
    const chat = setInterval(() => watcher.send(publish({ topic: `${topic}/chat` })), 200);
    half.send(Buffer.from('30', 'hex'));
    const ends = [client, half, listener].map((each) => closedAfterMs(each, startMs));
    const afterMs = await Promise.all(ends).finally(() => clearInterval(chat));
    expect(Math.min(...afterMs)).toBeGreaterThanOrEqual(LIMIT_MS);
    expect(await watcher.take('publish')).toMatchObject({ topic, payload: 'silent' });
  });

  test('every kind of packet keeps the connection, and keep alive 0 or a long one never ends it here [MQTT-3.1.2-24]', async () => {
    const topic = unique('t');
    const kinds = [
      pingreq(),
      publish({ topic }),
      publish({ topic, qos: 1, packetId: 1 }),
      subscribe(1, [`${topic}/other`, 0]),
      unsubscribe(1, `${topic}/other`),
      puback(999),
    ];
    const talkers = await Promise.all(kinds.map(() => broker.connect({ keepAlive: 1 })));
    const quiet = await Promise.all([0, 10, 65_535].map((keepAlive) => broker.connect({ keepAlive })));
    for (let turn = 0; turn < 4; turn += 1) {
      await wait(800);
      talkers.forEach((talker, index) => talker.send(kinds[index]!));
    }
    const all = [...talkers, ...quiet];
    expect(all.map((client) => client.isClosed)).toEqual(all.map(() => false));
    for (const client of all) await client.ping();
  });

  test('a resumed session keeps no keep alive from before [MQTT-3.1.2-24]', async () => {
    const clientId = unique('c');
    const first = await broker.connect({ clientId, cleanSession: false, keepAlive: 1 });
    first.destroy();
    const second = await broker.connect({ clientId, cleanSession: false, keepAlive: 0 });
    await wait(LIMIT_MS + 700);
    await second.expectSilence();
  });
});
