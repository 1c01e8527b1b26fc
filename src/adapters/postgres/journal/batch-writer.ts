import { createHash } from 'node:crypto';
import { finished } from 'node:stream/promises';

import type { PendingQuery, Row, TransactionSql } from 'postgres';

import type { JournalEntry } from '../../../application/ports/delivery-journal.js';
import type { Message } from '../../../domain/message.js';
import type { Trimmed } from '../../../domain/session/delivery-store.js';
import type { Sql } from '../connect.js';
import type { Batch, Changes, NumberedEntry } from './batch.js';
import { CopyRows } from './copy-rows.js';
import { sequenceRanges } from './sequence-ranges.js';

/** Writes batches, each in one transaction. */
export class BatchWriter {
  /** @param nextMessageId Above all ids in the database. */
  constructor(private nextMessageId: number) {}

  async write(sql: Sql, batch: Batch): Promise<void> {
    const rows = this.deliveryRows(batch.entries);
    const wills = willRows(batch.changes);
    const trimmed = await sql.begin(async (tx) => {
      await Promise.all([
        tx`update surety.journal_state set batch = ${batch.number}`,
        ...beforeRows(tx, batch),
      ]);
      if (wills.count > 0) {
        await copyIn(
          tx`copy surety.will (connection, client_id, topic, payload, qos, retain) from stdin (format binary)`,
          wills,
        );
      }
      if (rows.messages.count > 0) {
        await copyIn(tx`copy surety.message (id, topic, payload) from stdin (format binary)`, rows.messages);
      }
      if (rows.deliveries.count > 0) {
        const copy = tx`
          copy surety.delivery
            (session_key, sequence, stored_at, bytes, qos, retain, released, message_id, topic, payload)
          from stdin (format binary)`;
        await copyIn(copy, rows.deliveries);
      }
      await deleteWills(tx, batch.entries, batch.changes);
      return await afterRows(tx, batch.changes);
    });
    for (const [i, { session, expected }] of batch.changes.trims.entries()) {
      session.trimmed(expected, trimmed.get(i) ?? { messages: 0, bytes: 0 });
    }
  }

  private deliveryRows(entries: readonly NumberedEntry[]): { deliveries: CopyRows; messages: CopyRows } {
    const deliveries = new CopyRows();
    const messages = new CopyRows();
    const storedAtMs = Date.now();
    for (const { entry } of entries) {
      const owed = entry.deliveries.filter(({ delivery }) => delivery.stage !== 'settled');
      const [first] = owed;
      if (first === undefined) continue;
      const { message } = first.delivery;
      const sharedId = owed.length > 1 ? this.nextMessageId++ : undefined;
      if (sharedId !== undefined) messageRow(messages, sharedId, message);
      for (const { session, delivery } of owed) {
        delivery.storage = 'writing';
        deliveries.row(10);
        deliveries.int8(session.key);
        deliveries.int8(delivery.sequence);
        deliveries.timestamp(storedAtMs);
        deliveries.int4(message.queueBytes);
        deliveries.int2(delivery.qos);
        deliveries.bool(delivery.retain);
        deliveries.bool(false);
        if (sharedId === undefined) ownMessage(deliveries, message);
        else sharedMessage(deliveries, sharedId);
      }
    }
    return { deliveries, messages };
  }
}

function messageRow(rows: CopyRows, id: number, message: Message): void {
  rows.row(3);
  rows.int8(id);
  rows.text(message.topic);
  rows.bytes(message.bytes, message.payloadStart, message.payloadEnd);
}

function ownMessage(rows: CopyRows, message: Message): void {
  rows.null();
  rows.text(message.topic);
  rows.bytes(message.bytes, message.payloadStart, message.payloadEnd);
}

function sharedMessage(rows: CopyRows, id: number): void {
  rows.int8(id);
  rows.null();
  rows.null();
}

/**
 * The driver resolves a COPY when the server is ready for its rows, and then tells nobody when the server
 * refuses them: neither its promise nor its stream. But it does reject the query, which is how we hear of it.
 */
async function copyIn(
  copy: PendingQuery<Row[]> & { reject?: (error: Error) => void },
  rows: CopyRows,
): Promise<void> {
  const refused = new Promise<never>((_, reject) => (copy.reject = reject));
  // The rejection may come when nobody waits any more.
  refused.catch(() => undefined);
  const stream = await Promise.race([copy.writable(), refused]);
  stream.end(rows.finish());
  await Promise.race([finished(stream), refused]);
}

/** The client id, topic or filter that a row is keyed by, in a length that an index takes. Hexadecimal. */
export function digest(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

function beforeRows(tx: TransactionSql, { entries, changes }: Batch): PromiseLike<unknown>[] {
  const steps: PromiseLike<unknown>[] = [];
  if (changes.sessions.size > 0) steps.push(insertSessions(tx, changes));
  if (changes.presence.size > 0) steps.push(updatePresence(tx, changes));
  if (changes.subscriptions.size > 0) steps.push(...changeSubscriptions(tx, changes));
  if (changes.released.size > 0) steps.push(releaseDeliveries(tx, changes));
  steps.push(...changeReceivedIds(tx, entries, changes));
  steps.push(...changeRetained(tx, entries));
  return steps;
}

function insertSessions(tx: TransactionSql, { sessions }: Changes): PromiseLike<unknown> {
  const rows = [...sessions.values()];
  return tx`
    insert into surety.session (key, client_id, created_at)
    select key, client_id, to_timestamp(created_ms / 1000.0)
    from unnest(${[...sessions.keys()]}::bigint[], ${rows.map((row) => row.clientId)}::text[],
                ${rows.map((row) => row.createdAtMs)}::bigint[]) as n (key, client_id, created_ms)`;
}

function updatePresence(tx: TransactionSql, { presence }: Changes): PromiseLike<unknown> {
  const rows = [...presence.values()];
  return tx`
    update surety.session s
    set disconnected_at = to_timestamp(p.since_ms / 1000.0), sent_through = p.sent_through
    from unnest(${[...presence.keys()]}::bigint[], ${rows.map((row) => row.disconnectedAtMs ?? null)}::bigint[],
                ${rows.map(({ sentThrough }) => sentThrough)}::bigint[]) as p (key, since_ms, sent_through)
    where s.key = p.key`;
}

function changeSubscriptions(tx: TransactionSql, { subscriptions }: Changes): PromiseLike<unknown>[] {
  const changes = [...subscriptions.values()];
  const made = changes.filter(({ qos }) => qos !== undefined);
  const removed = changes.filter(({ qos }) => qos === undefined);
  const steps: PromiseLike<unknown>[] = [];
  if (made.length > 0) {
    steps.push(tx`
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
    steps.push(tx`
      delete from surety.subscription s
      using unnest(${removed.map(({ key }) => key)}::bigint[], ${removed.map(({ filter }) => digest(filter))}::text[])
        as r (key, digest)
      where s.session_key = r.key and s.filter_digest = decode(r.digest, 'hex')`);
  }
  return steps;
}

/** Of the ids that are both held and freed, what was last stands. */
function changeReceivedIds(
  tx: TransactionSql,
  entries: readonly NumberedEntry[],
  { freedIds }: Changes,
): PromiseLike<unknown>[] {
  const freedBehind = new Map(
    freedIds.map(({ key, packetId, behindEntry }) => [`${key}/${packetId}`, behindEntry]),
  );
  const held = entries.flatMap(({ number, entry: { received } }) => {
    if (received === undefined) return [];
    const { session, packetId } = received;
    const name = `${session.key}/${packetId}`;
    if ((freedBehind.get(name) ?? -1) > number) return [];
    freedBehind.delete(name);
    return received;
  });
  const freed = freedIds.filter(({ key, packetId }) => freedBehind.has(`${key}/${packetId}`));
  const steps: PromiseLike<unknown>[] = [];
  if (held.length > 0) {
    steps.push(tx`
      insert into surety.received_id (session_key, packet_id)
      select * from unnest(${held.map(({ session }) => session.key)}::bigint[],
                           ${held.map(({ packetId }) => packetId)}::int[])
      on conflict do nothing`);
  }
  if (freed.length > 0) {
    steps.push(tx`
      delete from surety.received_id i
      using unnest(${freed.map(({ key }) => key)}::bigint[], ${freed.map(({ packetId }) => packetId)}::int[])
        as f (key, packet_id)
      where i.session_key = f.key and i.packet_id = f.packet_id`);
  }
  return steps;
}

/** The receiver has the message: its payload won't be sent again. */
function releaseDeliveries(tx: TransactionSql, changes: Changes): PromiseLike<unknown> {
  const { keys, from, through } = sequenceRanges(changes.released);
  return tx`
    update surety.delivery d set released = true
    from unnest(${keys}::bigint[], ${from}::bigint[], ${through}::bigint[]) as r (key, first, last)
    where d.session_key = r.key and d.sequence between r.first and r.last`;
}

function willRows({ wills }: Changes): CopyRows {
  const rows = new CopyRows();
  for (const [connection, row] of wills) {
    if (row === undefined) continue;
    const { message } = row.will;
    rows.row(6);
    rows.int8(connection);
    rows.text(row.clientId);
    rows.text(message.topic);
    rows.bytes(message.bytes, message.payloadStart, message.payloadEnd);
    rows.int2(message.qos);
    rows.bool(message.retain);
  }
  return rows;
}

/** Wills that were published or cleared, among them those that this very batch has stored. */
async function deleteWills(
  tx: TransactionSql,
  entries: readonly NumberedEntry[],
  { wills }: Changes,
): Promise<void> {
  const published = entries.flatMap(({ entry }) => entry.willOf ?? []);
  const cleared = [...wills].flatMap(([connection, will]) => (will === undefined ? connection : []));
  if (published.length + cleared.length === 0) return;
  await tx`delete from surety.will where connection = any(${[...published, ...cleared]}::bigint[])`;
}

/** Of several changes to one topic the last stands. */
function changeRetained(tx: TransactionSql, entries: readonly NumberedEntry[]): PromiseLike<unknown>[] {
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
    steps.push(tx`
      delete from surety.retained
      where topic_digest in (select decode(unnest(${cleared.map(digest)}::text[]), 'hex'))`);
  }
  if (set.length > 0) {
    const messages = set.map(({ message }) => message);
    steps.push(tx`
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

/** Removals come last: they may concern rows of this very changes. */
async function afterRows(tx: TransactionSql, changes: Changes): Promise<ReadonlyMap<number, Trimmed>> {
  const orphans: number[] = [];
  const trimmed = new Map<number, Trimmed>();
  if (changes.settled.size > 0) orphans.push(...(await deleteSettled(tx, changes)));
  if (changes.trims.length > 0) orphans.push(...(await trimBacklogs(tx, changes, trimmed)));
  if (changes.endedSessions.length > 0) orphans.push(...(await deleteSessions(tx, changes)));
  if (orphans.length > 0) {
    await tx`
      delete from surety.message m
      where m.id = any(${[...new Set(orphans)]}::bigint[])
        and not exists (select from surety.delivery d where d.message_id = m.id)`;
  }
  return trimmed;
}

/** @returns the shared messages that may be owed to nobody now. */
async function deleteSettled(tx: TransactionSql, changes: Changes): Promise<number[]> {
  const { keys, from, through } = sequenceRanges(changes.settled);
  const rows = await tx<{ id: string }[]>`
    with gone as (
      delete from surety.delivery d
      using unnest(${keys}::bigint[], ${from}::bigint[], ${through}::bigint[]) as s (key, first, last)
      where d.session_key = s.key and d.sequence between s.first and s.last
      returning d.message_id)
    select distinct message_id as id from gone where message_id is not null`;
  return rows.map(({ id }) => Number(id));
}

/** @param trimmed Is told what each trim removed, by its place. */
async function trimBacklogs(
  tx: TransactionSql,
  { trims }: Changes,
  trimmed: Map<number, Trimmed>,
): Promise<number[]> {
  const rows = await tx<{ trim: number; messages: string; bytes: string; ids: string[] | null }[]>`
    with gone as (
      delete from surety.delivery d
      using unnest(${trims.map((_, i) => i)}::int[], ${trims.map(({ session }) => session.key)}::bigint[],
                   ${trims.map(({ after }) => after)}::bigint[], ${trims.map(({ through }) => through)}::bigint[])
        as t (trim, key, after, through)
      where d.session_key = t.key and d.sequence > t.after and d.sequence <= t.through
      returning t.trim, d.bytes, d.message_id)
    select trim, count(*) as messages, sum(bytes) as bytes,
           array_agg(distinct message_id) filter (where message_id is not null) as ids
    from gone group by trim`;
  for (const { trim, messages, bytes } of rows) {
    trimmed.set(trim, { messages: Number(messages), bytes: Number(bytes) });
  }
  return rows.flatMap(({ ids }) => (ids ?? []).map(Number));
}

async function deleteSessions(tx: TransactionSql, { endedSessions }: Changes): Promise<number[]> {
  const keys = endedSessions.map(({ key }) => key);
  const [rows] = await Promise.all([
    tx<{ id: string }[]>`
      with gone as (delete from surety.delivery where session_key = any(${keys}::bigint[]) returning message_id)
      select distinct message_id as id from gone where message_id is not null`,
    tx`delete from surety.received_id where session_key = any(${keys}::bigint[])`,
    tx`delete from surety.subscription where session_key = any(${keys}::bigint[])`,
    tx`delete from surety.session where key = any(${keys}::bigint[])`,
  ]);
  return rows.map(({ id }) => Number(id));
}
