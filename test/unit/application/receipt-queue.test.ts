import { expect, test } from '@jest/globals';
import { ReceiptQueue } from '../../../src/application/receipt-queue.js';
import { FixedHistogram } from '../../../src/domain/fixed-histogram.js';
import { FakeLink } from '../../support/fake-link.js';
import { ManualClock } from '../../support/manual-clock.js';

const makeQueue = () => {
  const link = new FakeLink();
  const sent = () =>
    link.takeSent().map((packet) => ('packetId' in packet ? `${packet.type} ${packet.packetId}` : ''));
  const clock = new ManualClock();
  const waits = new FixedHistogram([0.1, 1]);
  return { queue: new ReceiptQueue(link, clock, waits), sent, clock, waits };
};

test('a receipt that is due goes out at once', () => {
  const { queue, sent } = makeQueue();
  queue.send('puback', 1);
  queue.send('pubcomp', 2);
  expect(sent()).toEqual(['puback 1', 'pubcomp 2']);
});

test('a receipt that waits holds back all behind it [MQTT-4.6.0-2]', () => {
  const { queue, sent } = makeQueue();
  const first = queue.expect('puback', 1);
  queue.send('puback', 2);
  const third = queue.expect('pubrec', 3);
  queue.send('pubcomp', 4);
  expect(sent()).toEqual([]);
  queue.due(third);
  expect(sent()).toEqual([]);
  queue.due(first);
  expect(sent()).toEqual(['puback 1', 'puback 2', 'pubrec 3', 'pubcomp 4']);
});

test('a later receipt goes at once again when none waits any more', () => {
  const { queue, sent } = makeQueue();
  queue.due(queue.expect('pubrec', 1));
  queue.send('puback', 2);
  expect(sent()).toEqual(['pubrec 1', 'puback 2']);
});

test('what a receipt has waited is measured, from its packet until it was due', () => {
  const { queue, clock, waits } = makeQueue();
  queue.send('puback', 1);
  const first = queue.expect('puback', 2);
  clock.advance(500);
  queue.due(first);
  expect([waits.counts, waits.sum]).toEqual([[0, 1, 0], 0.5]);
});
