import { describe, expect, test } from '@jest/globals';
import { ChangeQueue } from '../../../../src/adapters/postgres/journal/change-queue.js';

/** Adds events until the changes that gather are enough for a transaction. */
const fill = ({ last }: ChangeQueue): void => {
  for (let order = 0; !last.isLarge; order += 1)
    last.events.push({ order, event: { kind: 'subscription.made', atMs: 0 } });
};

describe('the queue of changes', () => {
  test('is one set of changes as long as these are few', () => {
    const queue = new ChangeQueue();
    const gathering = queue.last;
    gathering.presence.set(1, { disconnectedAtMs: undefined, sentThrough: 0 });
    queue.seal(5);
    expect(queue.last).toBe(gathering);
    expect(queue.take()).toEqual({ changes: gathering, entriesBefore: Infinity });
    expect(queue.isEmpty).toBe(true);
  });

  test('lets others gather behind many, and gives them in order, each with the entries of its time', () => {
    const queue = new ChangeQueue();
    const first = queue.last;
    fill(queue);
    queue.seal(7);
    const second = queue.last;
    second.await(() => undefined);
    expect([queue.isUrgent, queue.isChange, queue.isEmpty, queue.next === first]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(queue.take()).toEqual({ changes: first, entriesBefore: 7 });
    expect(queue.next).toBe(second);
    expect(queue.take()).toEqual({ changes: second, entriesBefore: Infinity });
    expect([queue.isUrgent, queue.isEmpty]).toEqual([false, true]);
  });

  test('takes few events for many when they are large', () => {
    const queue = new ChangeQueue();
    queue.last.eventBytes = 10_000_000;
    queue.seal(0);
    expect(queue.take().entriesBefore).toBe(0);
  });

  test('leaves removals that have to wait to the changes behind, in front of theirs', () => {
    const queue = new ChangeQueue();
    const ended = (key: number, behindEntry: number) => ({ key, behindEntry, event: undefined });
    queue.last.endedSessions.push(ended(1, 3), ended(2, 9));
    fill(queue);
    queue.seal(10);
    queue.last.endedSessions.push(ended(3, 11));
    const { changes } = queue.take();
    changes.postponeRemovals(queue.next, 5);
    expect(changes.endedSessions.map(({ key }) => key)).toEqual([1]);
    expect(queue.next.endedSessions.map(({ key }) => key)).toEqual([2, 3]);
  });
});
