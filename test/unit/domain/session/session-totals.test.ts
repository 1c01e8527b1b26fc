import { expect, test } from '@jest/globals';
import { FakeLink } from '../../../support/fake-link.js';
import { makeMessage } from '../../../support/make-message.js';
import { makeSession } from '../../../support/make-session.js';

test('totals follow what a session has in flight and in its queue, to its end', () => {
  const { session, counters } = makeSession({ limits: { inflightMax: 2 } });
  const { totals } = counters;
  const seen = () => [totals.inflight, totals.queuedMessages, totals.queuedBytes, totals.waiting.size];
  const offer = (payload: string) => session.offer(makeMessage('t', payload, 1), 1);

  offer('abc');
  expect(seen()).toEqual([0, 1, 4, 1]);
  session.attach(new FakeLink());
  expect(seen()).toEqual([1, 0, 0, 0]);
  const second = offer('de');
  offer('f');
  expect(seen()).toEqual([2, 1, 2, 1]);
  session.acknowledge(second!.packetId);
  expect(seen()).toEqual([2, 0, 0, 0]);
  session.end();
  expect(seen()).toEqual([0, 0, 0, 0]);
  offer('late');
  expect(seen()).toEqual([0, 0, 0, 0]);
});

test('messages that give way leave the totals', () => {
  const { session, counters } = makeSession({ limits: { queueMessagesMax: 2 } });
  for (let i = 0; i < 5; i += 1) session.offer(makeMessage('t', 'x', 1), 1);
  expect([counters.totals.queuedMessages, counters.dropped.queue_full]).toEqual([2, 3]);
});

test('the oldest age is that of the queue that has waited longest', () => {
  const { session, counters } = makeSession();
  const { totals } = counters;
  session.offer(makeMessage('t', 'x', 1), 1);
  for (const nowMs of [1000, 2000, 9000]) totals.lookAtAges(nowMs);
  expect(totals.oldestMs).toBe(8000);
  session.attach(new FakeLink());
  totals.lookAtAges(10_000);
  expect(totals.oldestMs).toBe(0);
});
