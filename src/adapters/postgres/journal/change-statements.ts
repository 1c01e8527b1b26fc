import { createHash } from 'node:crypto';

import type { JournalEntry } from '../../../application/ports/delivery-journal.js';
import type { Message } from '../../../domain/message.js';
import type { Sql } from '../connect.js';
import type { Batch, Changes, NumberedEntry } from './batch.js';
import { sequenceRanges } from './sequence-ranges.js';

/**
 * The statements for everything but deliveries, wills and packet ids: sessions, subscriptions, retained
 * messages. They concern different rows, so they are sent together.
 */
export function changeStatements(sql: Sql, { entries, changes }: Batch): PromiseLike<unknown>[] {
  const steps: PromiseLike<unknown>[] = [];
  if (changes.sessions.size > 0) steps.push(insertSessions(sql, changes));
  if (changes.presence.size > 0) steps.push(updatePresence(sql, changes));
  if (changes.subscriptions.size > 0) steps.push(...changeSubscriptions(sql, changes));
  if (changes.receivedThrough.size > 0) steps.push(receiveThrough(sql, changes));
  if (changes.takenActions.length > 0)
    steps.push(sql`delete from surety.admin_action where id = any(${changes.takenActions}::bigint[])`);
  if (changes.released.size > 0) steps.push(releaseDeliveries(sql, changes));
  steps.push(...changeRetained(sql, entries));
  return steps;
}

function insertSessions(sql: Sql, { sessions }: Changes): PromiseLike<unknown> {
  const rows = [...sessions.values()];
  return sql`
    insert into surety.session (key, client_id, created_at)
    select key, client_id, to_timestamp(created_ms / 1000.0)
    from unnest(${[...sessions.keys()]}::bigint[], ${rows.map((row) => row.clientId)}::text[],
                ${rows.map((row) => row.createdAtMs)}::bigint[]) as n (key, client_id, created_ms)`;
}

function updatePresence(sql: Sql, { presence }: Changes): PromiseLike<unknown> {
  const rows = [...presence.values()];
  return sql`
    update surety.session s
    set disconnected_at = to_timestamp(p.since_ms / 1000.0), sent_through = p.sent_through
    from unnest(${[...presence.keys()]}::bigint[], ${rows.map((row) => row.disconnectedAtMs ?? null)}::bigint[],
                ${rows.map(({ sentThrough }) => sentThrough)}::bigint[]) as p (key, since_ms, sent_through)
    where s.key = p.key`;
}

function changeSubscriptions(sql: Sql, { subscriptions }: Changes): PromiseLike<unknown>[] {
  const changes = [...subscriptions.values()];
  const made = changes.filter(({ qos }) => qos !== undefined);
  const removed = changes.filter(({ qos }) => qos === undefined);
  const steps: PromiseLike<unknown>[] = [];
  if (made.length > 0) {
    steps.push(sql`
      insert into surety.subscription (session_key, filter_digest, filter, qos, replaying)
      select n.key, decode(n.digest, 'hex'), n.filter, n.qos, n.replaying = 1
      from unnest(${made.map(({ key }) => key)}::bigint[], ${made.map(({ filter }) => digest(filter))}::text[],
                  ${made.map(({ filter }) => filter)}::text[], ${made.map(({ qos }) => qos ?? 0)}::smallint[],
                  ${made.map(({ isReplaying }) => Number(isReplaying))}::int[])
        as n (key, digest, filter, qos, replaying)
      on conflict (session_key, filter_digest)
        do update set qos = excluded.qos, replaying = excluded.replaying`);
  }
  if (removed.length > 0) {
    steps.push(sql`
      delete from surety.subscription s
      using unnest(${removed.map(({ key }) => key)}::bigint[], ${removed.map(({ filter }) => digest(filter))}::text[])
        as r (key, digest)
      where s.session_key = r.key and s.filter_digest = decode(r.digest, 'hex')`);
  }
  return steps;
}

/** The receiver has all messages so far: their payloads won't be sent again. */
function receiveThrough(sql: Sql, { receivedThrough }: Changes): PromiseLike<unknown> {
  return sql`
    update surety.session s set received_through = r.through
    from unnest(${[...receivedThrough.keys()]}::bigint[], ${[...receivedThrough.values()]}::bigint[]) as r (key, through)
    where s.key = r.key`;
}

/** The receiver has the message: its payload won't be sent again. */
function releaseDeliveries(sql: Sql, changes: Changes): PromiseLike<unknown> {
  const { keys, from, through } = sequenceRanges(changes.released);
  return sql`
    update surety.delivery d set released = true
    from unnest(${keys}::bigint[], ${from}::bigint[], ${through}::bigint[]) as r (key, first, last)
    where d.session_key = r.key and d.sequence between r.first and r.last`;
}

/** Of several changes to one topic the last stands. */
function changeRetained(sql: Sql, entries: readonly NumberedEntry[]): PromiseLike<unknown>[] {
  const changes = new Map<string, JournalEntry['retained']>();
  for (const { entry } of entries) {
    const { retained } = entry;
    if (retained !== undefined)
      changes.set('set' in retained ? retained.set.message.topic : retained.clear, retained);
  }
  const set = [...changes.values()].flatMap((change) =>
    change !== undefined && 'set' in change ? [change.set] : [],
  );
  const cleared = [...changes].flatMap(([topic, change]) =>
    change !== undefined && 'clear' in change ? [topic] : [],
  );
  const steps: PromiseLike<unknown>[] = [];
  if (cleared.length > 0) {
    steps.push(sql`
      delete from surety.retained
      where topic_digest in (select decode(unnest(${cleared.map(digest)}::text[]), 'hex'))`);
  }
  if (set.length > 0) {
    const messages = set.map(({ message }) => message);
    steps.push(sql`
      insert into surety.retained (topic_digest, topic, payload, qos, published_at)
      select decode(digest, 'hex'), topic, decode(payload, 'hex'), qos, to_timestamp(published_ms / 1000.0)
      from unnest(${messages.map(({ topic }) => digest(topic))}::text[], ${messages.map(({ topic }) => topic)}::text[],
                  ${messages.map(hex)}::text[], ${messages.map(({ qos }) => qos)}::smallint[],
                  ${set.map(({ publishedAtMs }) => publishedAtMs)}::bigint[])
        as r (digest, topic, payload, qos, published_ms)
      on conflict (topic_digest) do update
        set payload = excluded.payload, qos = excluded.qos, published_at = excluded.published_at`);
  }
  return steps;
}

function hex({ payload }: Message): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('hex');
}

/** The client id, topic or filter that a row is keyed by, in a length that an index takes. Hexadecimal. */
function digest(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}
