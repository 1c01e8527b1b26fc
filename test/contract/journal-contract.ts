import { describe, expect, test } from '@jest/globals';
import { Will } from '../../src/domain/will/will.js';
import {
  deleteSession,
  deliveryOf,
  entryOf,
  messageFor,
  owe,
  oweAll,
  owedTo,
  readAll,
  readRetained,
  readSessions,
  retain,
  storedSession,
} from '../support/journal-entries.js';
import { topicName } from '../support/make-message.js';
import type { StorageUnderTest } from '../support/storage-under-test.js';
import { describeStorage } from './storage-contract.js';

/** What a broker relies on beside sessions: what it was told of as durable is there after any end. */
export function describeJournal(name: string, open: () => Promise<StorageUnderTest>): void {
  describeStorage(name, open, ({ under, a, b, ensure, commitAndRestart }) => {
    describe('deliveries', () => {
      test('come back in order with sequence, quality, retain flag, topic and payload', async () => {
        await ensure(a);
        const { journal } = under.storage;
        const far = 2 ** 40 + 7;
        for (const [sequence, qos, retained] of [
          [0, 1, false],
          [1, 2, true],
          [70_000, 2, false],
          [far, 1, true],
        ] as const) {
          const delivery = deliveryOf(sequence, messageFor(`t/${sequence}`, 'p', 2), {
            qos,
            retain: retained,
          });
          journal.append(entryOf({ deliveries: [{ session: a, delivery }] }));
        }
        await commitAndRestart();
        const found = await readAll(under.storage, a);
        expect(
          found.map(({ sequence, qos, retain: r, message }) => [sequence, qos, r, message.topic]),
        ).toEqual([
          [0, 1, false, 't/0'],
          [1, 2, true, 't/1'],
          [70_000, 2, false, 't/70000'],
          [far, 1, true, `t/${far}`],
        ]);
        expect(found.map(({ stage, storage }) => `${stage} ${storage}`)).toEqual(
          Array(4).fill('queued written'),
        );
        const bytes = found.reduce((sum, { message }) => sum + message.queueBytes, 0);
        const backlog = (await readSessions(under.storage))[0]?.backlog;
        expect(backlog?.oldestAtMs ?? 0).toBeLessThanOrEqual(Date.now());
        expect(backlog).toMatchObject({
          messages: 4,
          bytes,
          firstSequence: 0,
          lastSequence: far,
        });
      });

      test('are read in a range: behind its start, with its end, no more than asked for', async () => {
        await ensure(a, b);
        for (let sequence = 0; sequence < 10; sequence += 1) owe(under.storage, a, sequence);
        owe(under.storage, b, 4);
        await under.commit();
        const read = async (after: number, through: number, messagesMax: number): Promise<number[]> => {
          const page = await under.storage.backlogReader!.read(a, { after, through, messagesMax });
          return page.map(({ sequence }) => sequence);
        };
        expect(await read(2, 6, 100)).toEqual([3, 4, 5, 6]);
        expect(await read(-1, 6, 2)).toEqual([0, 1]);
        expect(await read(9, 20, 100)).toEqual([]);
      });

      test('that were settled are gone, whether they were committed or not', async () => {
        await ensure(a, b);
        const written = owe(under.storage, a, 0);
        owe(under.storage, a, 1);
        await under.commit();
        written.stage = 'settled';
        under.storage.journal.settle(a, written);
        const pending = owe(under.storage, a, 2);
        pending.stage = 'settled';
        under.storage.journal.settle(a, pending);
        const [settled] = oweAll(under.storage, [a, b], 3);
        settled!.stage = 'settled';
        under.storage.journal.settle(a, settled!);
        owe(under.storage, a, 4);
        const before = under.storage.figures();
        await under.commit();
        const after = under.storage.figures();
        expect(after.rowsWritten - before.rowsWritten).toBe(2);
        expect(after.rowsElided).toBe(2);
        await under.restart();
        expect(await owedTo(under.storage, a)).toEqual(['1:m1', '4:m4']);
        expect(await owedTo(under.storage, b)).toEqual(['3:s3']);
      });

      test('whose receiver has them are known as released, others are not', async () => {
        await ensure(a);
        const deliveries = [0, 1, 2].map((n) => owe(under.storage, a, n, messageFor('t', `m${n}`, 2)));
        await under.commit();
        const released = new Promise<void>((resolve) =>
          under.storage.journal.received(a, deliveries[1]!, resolve),
        );
        await commitAndRestart();
        await released;
        const found = await readAll(under.storage, a);
        expect(found.map(({ stage }) => stage)).toEqual(['queued', 'released', 'queued']);
      });

      test('whose receiver has all so far are known as released together, those of QoS 1 among them are not', async () => {
        await ensure(a);
        const qualities = [2, 1, 2, 2] as const;
        const deliveries = qualities.map((qos, n) => owe(under.storage, a, n, messageFor('t', `m${n}`, qos)));
        await under.commit();
        a.receivedThrough = 2;
        const released = new Promise<void>((resolve) =>
          under.storage.journal.received(a, deliveries[2]!, resolve),
        );
        a.receivedThrough = -1;
        await commitAndRestart();
        await released;
        const found = await readAll(under.storage, a);
        expect(found.map(({ stage }) => stage)).toEqual(['released', 'queued', 'released', 'queued']);
      });

      test('that were received have been sent, also when nothing is left of them', async () => {
        await ensure(a);
        const delivery = owe(under.storage, a, 7, messageFor('t', 'm', 2));
        await under.commit();
        a.receivedThrough = 7;
        under.storage.journal.received(a, delivery, () => undefined);
        a.receivedThrough = -1;
        under.storage.journal.settle(a, delivery);
        await commitAndRestart();
        expect((await readSessions(under.storage))[0]).toMatchObject({ sentThrough: 7, backlog: undefined });
      });

      test('of one message to many store it once, until the last of them is settled', async () => {
        await ensure(a, b);
        const [first, second] = oweAll(under.storage, [a, b], 0);
        owe(under.storage, a, 1);
        await commitAndRestart();
        expect(await under.sharedMessages()).toBe(1);
        expect(await owedTo(under.storage, a)).toEqual(['0:s0', '1:m1']);
        expect(await owedTo(under.storage, b)).toEqual(['0:s0']);
        // Ids go on where the last run stopped.
        oweAll(under.storage, [a, b], 5);
        await under.commit();
        expect(await under.sharedMessages()).toBe(2);
        under.storage.journal.settle(a, first!);
        await under.commit();
        expect(await under.sharedMessages()).toBe(2);
        expect(await owedTo(under.storage, b)).toEqual(['0:s0', '5:s5']);
        under.storage.journal.settle(b, second!);
        await under.commit();
        expect(await under.sharedMessages()).toBe(1);
        under.storage.journal.trim(a, { after: 1, through: 5, expected: { messages: 1, bytes: 1 } });
        deleteSession(under.storage, b);
        await under.commit();
        expect(await under.sharedMessages()).toBe(0);
      });

      test('that give way are removed, and what was removed is told', async () => {
        await ensure(a);
        const told: unknown[] = [];
        const session = Object.assign(storedSession(1), {
          trimmed: (expected: unknown, removed: unknown) => told.push({ expected, removed }),
        });
        for (const sequence of [0, 1, 5, 6]) owe(under.storage, a, sequence);
        await under.commit();
        const expected = { messages: 3, bytes: 17 };
        under.storage.journal.trim(session, { after: 0, through: 5, expected });
        // In the same go: a row that isn't committed yet.
        owe(under.storage, a, 7);
        await under.commit();
        expect(told).toEqual([{ expected, removed: { messages: 2, bytes: 6 } }]);
        owe(under.storage, a, 8);
        under.storage.journal.trim(session, { after: 7, through: 8, expected: { messages: 1, bytes: 3 } });
        await commitAndRestart();
        expect(await owedTo(under.storage, a)).toEqual(['0:m0', '6:m6', '7:m7']);
        expect(told).toHaveLength(2);
      });

      test('between two stretches that give way stay', async () => {
        await ensure(a);
        for (let sequence = 0; sequence < 10; sequence += 1) owe(under.storage, a, sequence);
        await under.commit();
        const expected = { messages: 1, bytes: 1 };
        under.storage.journal.trim(a, { after: 1, through: 2, expected });
        under.storage.journal.trim(a, { after: 2, through: 3, expected });
        under.storage.journal.trim(a, { after: 6, through: 7, expected });
        await commitAndRestart();
        expect((await readAll(under.storage, a)).map(({ sequence }) => sequence)).toEqual([
          0, 1, 4, 5, 6, 8, 9,
        ]);
      });

      test('in thousands at a time are all there', async () => {
        await ensure(a, b);
        for (let sequence = 0; sequence < 5000; sequence += 1) owe(under.storage, a, sequence);
        deleteSession(under.storage, b);
        await commitAndRestart();
        const found = await readAll(under.storage, a);
        expect(found.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 5000 }, (_, i) => i));
        expect(await readSessions(under.storage)).toMatchObject([{ key: 1, backlog: { messages: 5000 } }]);
        for (const delivery of found)
          if (delivery.sequence % 3 > 0) under.storage.journal.settle(a, delivery);
        await commitAndRestart();
        expect(await readAll(under.storage, a)).toHaveLength(1667);
      });

      test('of a session that ends in a flood are gone with it', async () => {
        await ensure(a, b);
        for (let sequence = 0; sequence < 1500; sequence += 1) owe(under.storage, a, sequence);
        deleteSession(under.storage, a);
        // Settled before it was ever committed, these leave no trace.
        const passing = Array.from({ length: 1200 }, (_, i) => owe(under.storage, b, i));
        for (const delivery of passing) {
          delivery.stage = 'settled';
          under.storage.journal.settle(b, delivery);
        }
        await commitAndRestart();
        expect(await readAll(under.storage, a)).toEqual([]);
        expect(await readAll(under.storage, b)).toEqual([]);
        expect((await readSessions(under.storage)).map(({ key }) => key)).toEqual([2]);
      });
    });

    describe('packet ids of incoming QoS 2 messages', () => {
      const hold = (packetId: number): void =>
        under.storage.journal.append(entryOf({ received: { session: a, packetId } }));
      const free = (packetId: number): void =>
        under.storage.journal.forgetReceivedId(a, packetId, () => undefined);
      const held = async (): Promise<number[]> =>
        [...(await readSessions(under.storage))[0]!.receivedIds].sort((p, q) => p - q);

      test('are held until they are freed', async () => {
        await ensure(a);
        for (const packetId of [1, 2, 65_535]) hold(packetId);
        await under.commit();
        free(2);
        await commitAndRestart();
        expect(await held()).toEqual([1, 65_535]);
      });

      test('that are freed and held, or held and freed, in one go are what they were last', async () => {
        await ensure(a);
        hold(1);
        await under.commit();
        free(1);
        hold(1);
        hold(2);
        free(2);
        await commitAndRestart();
        expect(await held()).toEqual([1]);
      });
    });

    describe('retained messages', () => {
      const change = (retained: ReturnType<typeof retain>): void =>
        under.storage.journal.append(entryOf({ retained }));

      test('come back with quality and time, the last of each topic, and none of those cleared', async () => {
        change(retain('set', 'x', 1, 1_700_000_000_123));
        change(retain('replaced', 'old'));
        change(retain('cleared', 'x'));
        await under.commit();
        change(retain('replaced', 'newer'));
        change(retain('replaced', 'newest', 2));
        change({ clear: topicName('cleared') });
        change({ clear: topicName('never set') });
        change(retain('set and cleared', 'x'));
        change({ clear: topicName('set and cleared') });
        change({ clear: topicName('cleared and set') });
        change(retain('cleared and set', 'x'));
        await commitAndRestart();
        expect(await readRetained(under.storage)).toEqual(['cleared and set=x', 'replaced=newest', 'set=x']);
        for await (const page of under.storage.source.retained()) {
          for (const { message, publishedAtMs } of page) {
            expect(message.retain).toBe(true);
            if (message.topic === 'replaced') expect(message.qos).toBe(2);
            if (message.topic === 'set') expect([message.qos, publishedAtMs]).toEqual([1, 1_700_000_000_123]);
          }
        }
      });
    });

    describe('wills', () => {
      const set = (connection: number): Promise<void> => {
        const will = new Will(messageFor(`will/${connection}`, 'gone', 1));
        return under.storage.wills.set(connection, { clientId: a.clientId, will });
      };
      const found = async (): Promise<number[]> =>
        (await under.storage.source.wills()).map(({ connection }) => connection).sort((p, q) => p - q);

      test('wait for the next start, with their message, unless they were cleared', async () => {
        const stored = [set(1), set(2), set(2 ** 33)];
        await under.commit();
        await Promise.all(stored);
        under.storage.wills.clear(2);
        await commitAndRestart();
        expect(await found()).toEqual([1, 2 ** 33]);
        const will = (await under.storage.source.wills())[0]!.will;
        const { topic, qos, retain: isRetained, payload } = will.message;
        expect([topic, qos, isRetained, Buffer.from(payload).toString()]).toEqual([
          'will/1',
          1,
          false,
          'gone',
        ]);
      });

      test('that are published are gone together with what they became', async () => {
        await ensure(a);
        const stored = set(1);
        await under.commit();
        await stored;
        const delivery = deliveryOf(0, messageFor('will/1', 'gone'));
        under.storage.journal.append(entryOf({ willOf: 1, deliveries: [{ session: a, delivery }] }));
        await commitAndRestart();
        expect(await found()).toEqual([]);
        expect(await owedTo(under.storage, a)).toEqual(['0:gone']);
      });

      test('that are set and cleared, or set and published, in one go are gone', async () => {
        void set(1);
        under.storage.wills.clear(1);
        void set(2);
        under.storage.journal.append(entryOf({ willOf: 2 }));
        void set(3);
        await commitAndRestart();
        expect(await found()).toEqual([3]);
      });
    });
  });
}
