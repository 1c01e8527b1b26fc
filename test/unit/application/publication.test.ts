import { expect, test } from '@jest/globals';
import { Publication } from '../../../src/application/publication.js';
import { messageOf } from '../../../src/domain/message.js';
import { Delivery } from '../../../src/domain/session/delivery.js';
import type { Session } from '../../../src/domain/session/session.js';
import type { TopicName } from '../../../src/domain/topic/topic-name.js';

/** One that a session owes to its client, which has it already. */
function owed(trace?: number): { publication: Publication; delivery: Delivery } {
  const publication = new Publication(5);
  publication.trace = trace;
  const delivery = new Delivery(0, messageOf('t/1' as TopicName, Buffer.from('m'), 1, false), 1, false);
  publication.owe({ stored: () => undefined } as unknown as Session, delivery);
  delivery.stage = 'sent';
  return { publication, delivery };
}

test('a sender is answered once all receivers have acknowledged, and nothing is committed then', () => {
  const { publication, delivery } = owed();
  expect(publication).toMatchObject({ isDone: false, isUrgent: false });
  publication.settled(delivery);
  expect(publication).toMatchObject({ isDone: true, isObsolete: true });
});

test('where the audit trail follows the message, it is committed at once then, and its sender answered after that', () => {
  const { publication, delivery } = owed(0);
  expect(publication.isUrgent).toBe(false);
  publication.settled(delivery);
  expect(publication).toMatchObject({ isDone: false, isObsolete: false, isUrgent: true });
  publication.committed();
  expect(publication.isDone).toBe(true);
});
