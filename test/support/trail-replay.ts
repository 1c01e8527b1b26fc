import type { Sql } from '../../src/adapters/postgres/connect.js';
import type { AuditRecord } from '../../src/domain/audit/audit-event.js';
import { messageOutcomes, publishedStories } from '../../src/domain/audit/message-story.js';
import { readTrail } from './written-trail.js';

/** What the broker holds, in lines that can be compared. */
export interface HeldState {
  readonly sessions: readonly string[];
  readonly subscriptions: readonly string[];
  readonly retained: readonly string[];
  /** Messages that sessions are owed, where the trail follows all of them. */
  readonly owed: readonly string[];
}

/** What the audit trail says is there. @throws Error when it contradicts itself. */
export async function replayTrail(sql: Sql): Promise<HeldState> {
  const sessions = new Map<number, string>();
  const subscriptions = new Map<string, string>();
  const retained = new Set<string>();
  const owed = new OwedMessages();
  for (const record of await readTrail(sql)) {
    const { kind, sequence, clientId = '', session = -1, topic = '', details } = record;
    owed.take(record);
    const mustBe = (isSo: boolean): void => {
      if (!isSo)
        throw new Error(`record ${sequence} contradicts those before it: ${kind} of session ${session}`);
    };
    if (kind === 'session.created') {
      mustBe(!sessions.has(session));
      sessions.set(session, clientId);
    } else if (kind === 'session.resumed') {
      mustBe(sessions.get(session) === clientId);
    } else if (kind === 'session.deleted' || kind === 'session.expired') {
      mustBe(sessions.delete(session));
      for (const name of subscriptions.keys()) if (name.startsWith(`${session}/`)) subscriptions.delete(name);
    } else if (kind === 'subscription.made' && session !== -1) {
      mustBe(sessions.has(session));
      subscriptions.set(`${session}/${topic}`, `${session}/${topic} at ${JSON.stringify(details?.['qos'])}`);
    } else if (kind === 'subscription.removed' && session !== -1) {
      mustBe(subscriptions.delete(`${session}/${topic}`));
    } else if (kind === 'retained.set') {
      retained.add(topic);
    } else if (kind === 'retained.cleared') {
      mustBe(retained.delete(topic));
    }
  }
  return {
    sessions: [...sessions].map(([key, clientId]) => `${key} of ${clientId}`).sort(),
    subscriptions: [...subscriptions.values()].sort(),
    retained: [...retained].sort(),
    owed: owed.lines(),
  };
}

/** What the message trail says that stored sessions are owed. */
class OwedMessages {
  /** Sequences, by session. */
  private readonly bySession = new Map<number, Set<number>>();
  private readonly ended = new Set<number>();

  take(record: AuditRecord): void {
    const { kind, session = -1 } = record;
    if (kind === 'messages.published') this.published(record);
    if (kind === 'messages.acknowledged' || kind === 'messages.dropped') this.settled(record);
    if (kind !== 'session.deleted' && kind !== 'session.expired') return;
    this.bySession.delete(session);
    this.ended.add(session);
  }

  lines(): string[] {
    const lines = [...this.bySession].map(([session, sequences]) =>
      [...sequences].map((one) => `${session}/${one}`),
    );
    return lines.flat().sort();
  }

  private published(record: AuditRecord): void {
    for (const { receivers } of publishedStories(record)) {
      for (const { session, sequence, cleanSession, state } of receivers) {
        const isOwed = sequence >= 0 && (state === 'waiting' || state === 'delivered');
        // What is told with the end of its session is told behind it.
        if (!isOwed || cleanSession || this.ended.has(session)) continue;
        const sequences = this.bySession.get(session) ?? new Set<number>();
        if (sequences.has(sequence))
          throw new Error(`record ${record.sequence} tells of ${session}/${sequence} twice`);
        this.bySession.set(session, sequences.add(sequence));
      }
    }
  }

  private settled(record: AuditRecord): void {
    for (const { session, sequence, count } of messageOutcomes(record)) {
      for (let one = sequence; one < sequence + count; one++) this.bySession.get(session)?.delete(one);
    }
  }
}

/** What the tables hold. */
export async function readTables(sql: Sql): Promise<HeldState> {
  const lines = async (query: PromiseLike<{ line: string }[]>) =>
    (await query).map(({ line }) => line).sort();
  return {
    sessions: await lines(sql`select key || ' of ' || client_id as line from surety.session`),
    subscriptions: await lines(
      sql`select session_key || '/' || filter || ' at ' || qos as line from surety.subscription`,
    ),
    retained: await lines(sql`select topic as line from surety.retained`),
    // What ended sessions were owed is removed behind their end.
    owed: await lines(sql`
      select session_key || '/' || sequence as line from surety.delivery
      where session_key in (select key from surety.session)`),
  };
}
