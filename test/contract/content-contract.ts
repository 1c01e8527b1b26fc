import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Delivery } from '../../src/domain/session/delivery.js';
import { Will } from '../../src/domain/will/will.js';
import {
  deliveryOf,
  entryOf,
  messageFor,
  owe,
  oweAll,
  readAll,
  readSessions,
  retain,
  storedSession,
  subscriptionOf,
} from '../support/journal-entries.js';
import type { StorageUnderTest } from '../support/storage-under-test.js';

/** Names and filters that clients may choose, and that a database may stumble over. */
const oddNames = [
  `it's "quoted" 'twice'`,
  String.raw`back\slash \\ \n \x41 \000`,
  '{a,b} {"c"} NULL null {}',
  '\ufeffmark at the start',
  'emoji \u{1f4a1}\u{1f469}\u200d\u{1f4bb}, \u0416, \u4e2d\u6587, e\u0301',
  'tab\tnewline\nreturn\r, \u0001\u001f\u007f\u0085\u2028',
  '$1 %s :x -- /* */ ; drop table surety.session',
  ' leading and trailing ',
  '\u00e9'.repeat(32_767),
  `${'x'.repeat(65_534)}1`,
  `${'x'.repeat(65_534)}2`,
] as const;

/** What names and payloads may hold, in what order things are told, and what an orderly end keeps. */
export function describeContent(name: string, open: () => Promise<StorageUnderTest>): void {
  describe(name, () => {
    let under: StorageUnderTest;

    beforeEach(async () => {
      under = await open();
    }, 60_000);
    afterEach(() => under.close());

    const commitAndRestart = async (): Promise<void> => {
      await under.commit();
      await under.restart();
    };

    describe('odd and long names', () => {
      test('of clients and filters come back as they were', async () => {
        const sessions = oddNames.map((clientId, i) => storedSession(i + 1, clientId));
        for (const session of sessions) {
          void under.storage.sessions.ensure(session);
          void under.storage.sessions.subscribe(
            session,
            oddNames.map((filter) => subscriptionOf(session, filter, 1)),
          );
        }
        await commitAndRestart();
        const found = await readSessions(under.storage);
        expect(found.map(({ clientId }) => clientId)).toEqual(oddNames);
        for (const { subscriptions } of found)
          expect(subscriptions.map(({ filter }) => filter).sort()).toEqual([...oddNames].sort());
        const [first] = sessions;
        void under.storage.sessions.unsubscribe(
          first!,
          oddNames.map((filter) => subscriptionOf(first!, filter, 1).filter),
        );
        await commitAndRestart();
        expect((await readSessions(under.storage))[0]?.subscriptions).toEqual([]);
      });

      test('of topics come back as they were: owed alone, owed to several, retained and in wills', async () => {
        const [a, b] = [storedSession(1), storedSession(2)];
        for (const session of [a, b]) void under.storage.sessions.ensure(session);
        oddNames.forEach((topic, i) => {
          owe(under.storage, a, 2 * i, messageFor(topic, 'p'));
          oweAll(under.storage, [a, b], 2 * i + 1, messageFor(topic, 'p'));
          under.storage.journal.append(entryOf({ retained: retain(topic, 'p') }));
          void under.storage.wills.set(i + 1, { clientId: a.clientId, will: new Will(messageFor(topic)) });
        });
        await commitAndRestart();
        const topics = (await readAll(under.storage, a)).map(({ message }) => message.topic);
        expect(topics).toEqual(oddNames.flatMap((topic) => [topic, topic]));
        expect((await readAll(under.storage, b)).map(({ message }) => message.topic)).toEqual(oddNames);
        const retained: string[] = [];
        for await (const page of under.storage.source.retained())
          retained.push(...page.map(({ message }) => message.topic));
        expect(retained.sort()).toEqual([...oddNames].sort());
        const wills = [...(await under.storage.source.wills())];
        expect(
          wills.sort((p, q) => p.connection - q.connection).map(({ will }) => will.message.topic),
        ).toEqual(oddNames);
      });
    });

    test('topics, payloads and flags come back as they were when few messages and nothing else are committed', async () => {
      const a = storedSession(1);
      void under.storage.sessions.ensure(a);
      await under.commit();
      const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);
      const sent = oddNames.map((topic, i) => {
        const payload = i % 2 === 0 ? everyByte : new Uint8Array();
        const delivery = deliveryOf(i, messageFor(topic, payload), {
          qos: i % 2 === 0 ? 1 : 2,
          retain: i % 3 === 0,
        });
        return { session: a, delivery };
      });
      for (const owed of sent) {
        under.storage.journal.append(entryOf({ deliveries: [owed] }));
        await under.commit();
      }
      await under.restart();
      const found = await readAll(under.storage, a);
      expect(found.map(traits)).toEqual(sent.map(({ delivery }) => traits(delivery)));
      const bytes = sent.reduce((sum, { delivery }) => sum + delivery.message.queueBytes, 0);
      expect((await readSessions(under.storage))[0]?.backlog).toMatchObject({ messages: sent.length, bytes });
    });

    describe('payloads', () => {
      const megabyte = Uint8Array.from({ length: 1_048_576 }, (_, i) => (i * 7919) >> 3);
      const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);

      test.each([
        ['empty', new Uint8Array()],
        ['of every byte', everyByte],
        ['of a megabyte', megabyte],
      ])('%s come back as they were, wherever they stand', async (_, payload) => {
        const [a, b] = [storedSession(1), storedSession(2)];
        for (const session of [a, b]) void under.storage.sessions.ensure(session);
        owe(under.storage, a, 0, messageFor('t', payload));
        oweAll(under.storage, [a, b], 1, messageFor('t', payload));
        const message = messageFor('t', payload);
        if (payload.length > 0)
          under.storage.journal.append(entryOf({ retained: { set: { message, publishedAtMs: 1 } } }));
        void under.storage.wills.set(1, { clientId: a.clientId, will: new Will(messageFor('t', payload)) });
        await commitAndRestart();
        const found = [...(await readAll(under.storage, a)), ...(await readAll(under.storage, b))];
        const payloads = found.map((delivery) => delivery.message.payload);
        expect(payloads).toHaveLength(3);
        for await (const page of under.storage.source.retained())
          payloads.push(...page.map((each) => each.message.payload));
        payloads.push(...(await under.storage.source.wills()).map(({ will }) => will.message.payload));
        expect(payloads).toHaveLength(payload.length > 0 ? 5 : 4);
        for (const each of payloads) expect(Buffer.compare(each, payload)).toBe(0);
        expect((await readSessions(under.storage))[1]?.backlog?.bytes).toBe(payload.length + 1);
      });

      test('of many megabytes are read in pages that end early, but miss nothing', async () => {
        const a = storedSession(1);
        void under.storage.sessions.ensure(a);
        for (let sequence = 0; sequence < 12; sequence += 1)
          owe(under.storage, a, sequence, messageFor('t', megabyte));
        await under.commit();
        expect((await readAll(under.storage, a)).map(({ sequence }) => sequence)).toEqual(
          Array.from({ length: 12 }, (_, i) => i),
        );
      });
    });

    describe('what is told', () => {
      test('comes when it is durable, in the order of the calls', async () => {
        const a = storedSession(1);
        const told: string[] = [];
        const durable: Promise<unknown>[] = [
          under.storage.sessions.ensure(a).then(() => told.push('session')),
        ];
        await under.commit();
        const { journal } = under.storage;
        const released = owe(under.storage, a, 0, messageFor('t', '', 2));
        await under.commit();
        const count = 2500;
        for (let i = 0; i < count; i += 1)
          journal.append(
            entryOf({ received: { session: a, packetId: i + 1 }, committed: () => told.push(`entry ${i}`) }),
          );
        expect(told).toEqual(['session']);
        await under.commit();
        journal.received(a, released, () => told.push('released'));
        journal.forgetReceivedId(a, 1, () => told.push('freed 1'));
        durable.push(under.storage.sessions.subscribe(a, [subscriptionOf(a, 'f', 0)]));
        journal.forgetReceivedId(a, 2, () => told.push('freed 2'));
        await under.commit();
        await Promise.all(durable);
        const entries = Array.from({ length: count }, (_, i) => `entry ${i}`);
        expect(told).toEqual(['session', ...entries, 'released', 'freed 1', 'freed 2']);
        await under.restart();
        const [row] = await readSessions(under.storage);
        expect(row?.receivedIds).toHaveLength(count - 2);
      });

      test('holds at once for whoever reads', async () => {
        const a = storedSession(1);
        void under.storage.sessions.ensure(a);
        const read = new Promise<number>((resolve, reject) => {
          const session = Object.assign(storedSession(1), {
            stored: () => readAll(under.storage, a).then((found) => resolve(found.length), reject),
          });
          const message = messageFor('t', 'x');
          const delivery = owe(under.storage, session, 0, message);
          under.storage.journal.append(
            entryOf({
              received: { session, packetId: 1 },
              committed: () => {
                expect(delivery.storage).toBe('written');
                void session.stored();
              },
            }),
          );
        });
        await under.commit();
        expect(await read).toBe(1);
      });
    });

    describe('an orderly stop', () => {
      test('makes durable what was gathered before it', async () => {
        const a = storedSession(1);
        void under.storage.sessions.ensure(a);
        for (let sequence = 0; sequence < 2200; sequence += 1) owe(under.storage, a, sequence);
        under.storage.journal.append(entryOf({ retained: retain('r', 'kept') }));
        await under.stopAndStart();
        expect(await readAll(under.storage, a)).toHaveLength(2200);
      });

      test('of a storage that nothing was asked of leaves it to the next', async () => {
        await under.stopAndStart();
        await under.stopAndStart();
        expect(await readSessions(under.storage)).toEqual([]);
      });
    });
  });
}

const traits = ({ sequence, qos, retain, message }: Delivery) => ({
  sequence,
  qos,
  retain,
  topic: message.topic,
  payload: Buffer.from(message.payload).toString('hex'),
});
