import type { Delivery } from '../../domain/session/delivery.js';
import type { Session } from '../../domain/session/session.js';
import type { BacklogReader } from '../ports/backlog-reader.js';
import type { WalkRange } from './browse-state.js';
import type { QueuedView, Step } from './views.js';

/** Reads what a session owes its client, in the order of sending, and takes nothing away. */
export class BrowseQueue {
  /** @param stored Reads what stands in the database; undefined where nothing does. */
  constructor(private readonly stored: BacklogReader | undefined) {}

  async browse(session: Session, { after, limit }: WalkRange): Promise<Step<QueuedView>> {
    const written = await this.written(session, after.number, limit);
    const held = session.held().filter(({ sequence }) => sequence > after.number);
    const lastRead = written.at(-1)?.sequence;
    // What is in memory has the newer state; behind the last that was read, the database may have more to come first.
    const near = lastRead === undefined ? held : held.filter(({ sequence }) => sequence <= lastRead);
    const known = new Set(near.map(({ sequence }) => sequence));
    const owed = [...near, ...written.filter(({ sequence }) => !known.has(sequence))];
    const page = owed.sort((a, b) => a.sequence - b.sequence).slice(0, limit);
    const last = page.at(-1);
    const isEnd = last === undefined || (lastRead === undefined && held.length <= limit);
    return { items: page.map(queuedView), next: isEnd ? undefined : { number: last.sequence } };
  }

  private async written(session: Session, after: number, messagesMax: number): Promise<readonly Delivery[]> {
    if (this.stored === undefined || !session.isStored) return [];
    const range = { after, through: Number.MAX_SAFE_INTEGER, messagesMax };
    return this.stored.read(session, range);
  }
}

function queuedView({ sequence, message, qos, retain, stage }: Delivery): QueuedView {
  return { sequence, topic: message.topic, qos, retain, stage, payload: message.payload };
}
