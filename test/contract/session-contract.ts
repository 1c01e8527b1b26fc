import { expect, test } from '@jest/globals';
import {
  deleteSession,
  entryOf,
  owe,
  oweAll,
  owedTo,
  readRetained,
  readSessions,
  retain,
  storedSession,
  subscriptionOf,
} from '../support/journal-entries.js';
import { topicFilter } from '../support/make-message.js';
import type { StorageUnderTest } from '../support/storage-under-test.js';
import { describeStorage } from './storage-contract.js';

/** What a broker relies on in a store of sessions: what it was told of as durable is there after any end. */
export function describeSessions(name: string, open: () => Promise<StorageUnderTest>): void {
  describeStorage(name, open, ({ under, a, b, ensure, commitAndRestart }) => {
    test('are found again by key and client id, without what was never theirs', async () => {
      await ensure(a, b);
      await under.restart();
      const nothing = { subscriptions: [], receivedIds: [], backlog: undefined, sentThrough: -1 };
      expect(await readSessions(under.storage)).toEqual([
        { key: 1, clientId: 'a', disconnectedAtMs: undefined, ...nothing },
        { key: 2, clientId: 'b', disconnectedAtMs: undefined, ...nothing },
      ]);
    });

    test('say when their client left, to the millisecond, until it is back', async () => {
      const session = storedSession(3);
      await ensure(session);
      session.detach(1_700_000_000_123);
      under.storage.sessions.leave(session);
      await commitAndRestart();
      expect((await readSessions(under.storage))[0]?.disconnectedAtMs).toBe(1_700_000_000_123);
      session.isRestored = true;
      const back = under.storage.sessions.ensure(session);
      await commitAndRestart();
      await back;
      expect((await readSessions(under.storage))[0]?.disconnectedAtMs).toBeUndefined();
    });

    test('whose client was connected to the end count as left from the next start on', async () => {
      await ensure(a);
      await under.restart();
      await readSessions(under.storage);
      await under.restart();
      expect((await readSessions(under.storage))[0]?.disconnectedAtMs).toBeGreaterThan(1e12);
    });

    test('keep the subscriptions that were made last, and only theirs', async () => {
      await ensure(a, b);
      const { sessions } = under.storage;
      const steps = [
        sessions.subscribe(a, [
          subscriptionOf(a, 'x/#', 0),
          subscriptionOf(a, '+/y', 1),
          subscriptionOf(a, 'gone', 2),
        ]),
        sessions.subscribe(b, [subscriptionOf(b, 'gone', 1)]),
        sessions.subscribe(a, [subscriptionOf(a, 'x/#', 2)]),
        sessions.unsubscribe(a, [topicFilter('gone'), topicFilter('never')]),
      ];
      await under.commit();
      await Promise.all(steps);
      const more = sessions.subscribe(a, [subscriptionOf(a, '+/y', 0)]);
      const again = [
        sessions.unsubscribe(a, [topicFilter('x/#')]),
        sessions.subscribe(a, [subscriptionOf(a, 'x/#', 1)]),
      ];
      await commitAndRestart();
      await Promise.all([more, ...again]);
      const [first, second] = await readSessions(under.storage);
      expect([...first!.subscriptions].sort((p, q) => (p.filter < q.filter ? -1 : 1))).toEqual([
        { filter: '+/y', qos: 0, isReplaying: false },
        { filter: 'x/#', qos: 1, isReplaying: true },
      ]);
      expect(second!.subscriptions).toEqual([{ filter: 'gone', qos: 1, isReplaying: true }]);
    });

    test('know which subscriptions are still owed retained messages', async () => {
      await ensure(a);
      const { sessions } = under.storage;
      const made = ['done', 'done at once', 'made again', 'open'].map((f) => subscriptionOf(a, f, 1));
      const [done, atOnce, again] = made;
      void sessions.subscribe(a, [...made, subscriptionOf(a, 'qos 0', 0)]);
      sessions.replayed(a, atOnce!);
      await under.commit();
      sessions.replayed(a, done!);
      sessions.replayed(a, again!);
      void sessions.subscribe(a, [again!]);
      await commitAndRestart();
      const { subscriptions } = (await readSessions(under.storage))[0]!;
      const open = subscriptions.filter(({ isReplaying }) => isReplaying);
      expect(subscriptions).toHaveLength(5);
      expect(open.map(({ filter }) => filter).sort()).toEqual(['made again', 'open']);
    });

    test('know how far they may have been sent: to where they were, or all if the end cut them off', async () => {
      await ensure(a, b);
      for (let sequence = 0; sequence < 6; sequence += 1) owe(under.storage, a, sequence);
      const left = Object.assign(storedSession(1), { sentThrough: 3, disconnectedAtMs: 1 });
      under.storage.sessions.leave(left);
      await commitAndRestart();
      expect(await readSessions(under.storage)).toMatchObject([{ sentThrough: 3 }, { sentThrough: -1 }]);
      const back = under.storage.sessions.ensure(Object.assign(storedSession(1), { isRestored: true }));
      await commitAndRestart();
      await back;
      for (let starts = 0; starts < 2; starts += 1) {
        expect((await readSessions(under.storage))[0]).toMatchObject({ sentThrough: 5 });
        await under.restart();
      }
    });

    test('that are deleted leave nothing behind, and take nothing of others with them', async () => {
      await ensure(a, b);
      const { journal, sessions } = under.storage;
      void sessions.subscribe(a, [subscriptionOf(a, 'f', 1)]);
      void sessions.subscribe(b, [subscriptionOf(b, 'f', 1)]);
      oweAll(under.storage, [a, b], 0);
      owe(under.storage, a, 1);
      journal.append(entryOf({ received: { session: a, packetId: 5 }, retained: retain('r', 'kept') }));
      await under.commit();
      owe(under.storage, a, 2);
      deleteSession(under.storage, a);
      await commitAndRestart();
      expect(await readSessions(under.storage)).toMatchObject([{ key: 2, subscriptions: [{ filter: 'f' }] }]);
      expect(await owedTo(under.storage, a)).toEqual([]);
      expect(await owedTo(under.storage, b)).toEqual(['0:s0']);
      expect(await readRetained(under.storage)).toEqual(['r=kept']);
      // Another session of that key would find them.
      await ensure(a);
      await under.restart();
      expect((await readSessions(under.storage))[0]).toMatchObject({
        key: 1,
        subscriptions: [],
        receivedIds: [],
      });
    });

    test('made anew under a client id in the same go replace the old one', async () => {
      await ensure(a);
      deleteSession(under.storage, a);
      const anew = storedSession(9, 'a');
      await ensure(anew);
      await under.restart();
      expect((await readSessions(under.storage)).map(({ key }) => key)).toEqual([9]);
    });
  });
}
