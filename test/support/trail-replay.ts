import type { Sql } from '../../src/adapters/postgres/connect.js';
import { readTrail } from './written-trail.js';

/** What the broker holds, in lines that can be compared. */
export interface HeldState {
  readonly sessions: readonly string[];
  readonly subscriptions: readonly string[];
  readonly retained: readonly string[];
}

/** What the audit trail says is there. @throws Error when it contradicts itself. */
export async function replayTrail(sql: Sql): Promise<HeldState> {
  const sessions = new Map<number, string>();
  const subscriptions = new Map<string, string>();
  const retained = new Set<string>();
  for (const { kind, sequence, clientId = '', session = -1, topic = '', details } of await readTrail(sql)) {
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
  };
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
  };
}
