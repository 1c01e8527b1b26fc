import { finished } from 'node:stream/promises';

import type { PendingQuery, Row } from 'postgres';

import type { Message } from '../../../domain/message.js';
import type { Sql } from '../connect.js';
import { StartFailure } from '../start-failure.js';
import { auditRows, copyRecords } from './audit-rows.js';
import type { Batch, Changes, NumberedEntry } from './batch.js';
import { changeStatements } from './change-statements.js';
import { CopyRows } from './copy-rows.js';
import { EndedDeliveries } from './ended-deliveries.js';
import type { HeldIds } from './held-ids.js';
import type { WriteClaim } from './write-claim.js';
import { removeDeliveries } from './removal-statements.js';
import { smallBatchRows, writeSmallBatch } from './small-batch.js';

/** Writes batches, each in one transaction. */
export class BatchWriter {
  /** What is left of sessions that have ended: each batch removes some of it. */
  readonly ended = new EndedDeliveries();

  /**
   * @param nextMessageId Above all ids in the database.
   * @param run Tells this start of the broker from all others: a UUID.
   */
  constructor(
    private nextMessageId: number,
    private readonly heldIds: HeldIds,
    private readonly run: string,
  ) {}

  /**
   * Not by the driver's own transactions: these send a rollback after a failure, and on a connection that is gone
   * that ends the process. Here whoever called ends the connection, which rolls back too.
   * @throws when any statement fails: the connection of the claim must then not be used again. StartFailure
   *   `another-broker` when the database is no longer at the batch before.
   */
  async write(claim: WriteClaim, batch: Batch): Promise<void> {
    const { sql } = claim;
    this.ended.add(batch.changes.endedSessions.map(({ key }) => key));
    const few = this.ended.isEmpty ? smallBatchRows(batch) : undefined;
    if (few !== undefined) {
      if (await writeSmallBatch(sql, { batch, run: this.run, rows: few })) return;
      throw supersededBy((await readLastBatch(sql)).number);
    }
    const rows = this.deliveryRows(batch.entries);
    const wills = willRows(batch.changes);
    const { number, sessionKey } = batch;
    const advance = sql`
      update surety.journal_state set batch = ${number}, run = ${this.run}, session_key = ${sessionKey}
      where batch = ${number - 1}`;
    const changes = [...changeStatements(sql, batch), ...this.heldIds.change(sql, batch)];
    await Promise.all([sql`begin`, advance, ...changes]);
    if ((await advance).count !== 1) throw supersededBy((await readLastBatch(sql)).number);
    if (wills.count > 0) {
      const copy = sql`copy surety.will (connection, client_id, topic, payload, qos, retain) from stdin (format binary)`;
      await copyIn(copy, wills);
    }
    if (rows.messages.count > 0) {
      await copyIn(sql`copy surety.message (id, topic, payload) from stdin (format binary)`, rows.messages);
    }
    if (rows.deliveries.count > 0) {
      const copy = sql`
        copy surety.delivery
          (session_key, sequence, stored_at, bytes, qos, retain, released, message_id, topic, payload)
        from stdin (format binary)`;
      await copyIn(copy, rows.deliveries);
    }
    if (batch.records.length > 0) await copyIn(copyRecords(sql), auditRows(batch.records));
    await deleteWills(sql, batch.entries, batch.changes);
    const removed = await removeDeliveries(sql, batch.changes, this.ended);
    // On another connection, COMMIT would succeed and mean nothing.
    if (!claim.isHeld) throw new Error('the connection to the database was lost');
    await sql`commit`;
    if (removed.ended !== undefined) this.ended.removed(removed.ended);
    for (const [i, { session, expected }] of batch.changes.trims.entries()) {
      session.trimmed(expected, removed.trimmed.get(i) ?? { messages: 0, bytes: 0 });
    }
  }

  /**
   * Whether a batch is in the database: to be asked whenever another broker may have written since.
   * @throws StartFailure `another-broker` when it has.
   */
  async isCommitted(sql: Sql, number: number): Promise<boolean> {
    const last = await readLastBatch(sql);
    if (last.number === number && last.run === this.run) return true;
    if (last.number !== number - 1) throw supersededBy(last.number);
    return false;
  }

  private deliveryRows(entries: readonly NumberedEntry[]): { deliveries: CopyRows; messages: CopyRows } {
    const deliveries = new CopyRows();
    const messages = new CopyRows();
    const storedAtMs = Date.now();
    for (const { owed } of entries) {
      const [first] = owed;
      if (first === undefined) continue;
      const { message } = first.delivery;
      const sharedId = owed.length > 1 ? this.nextMessageId++ : undefined;
      if (sharedId !== undefined) messageRow(messages, sharedId, message);
      for (const { session, delivery } of owed) {
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

/** The last batch in the database, and whose it is. */
async function readLastBatch(sql: Sql): Promise<{ readonly number: number; readonly run: string | null }> {
  const [row] = await sql<
    { batch: string; run: string | null }[]
  >`select batch, run from surety.journal_state`;
  return { number: Number(row?.batch), run: row?.run ?? null };
}

/** The failure of a broker whose database has gone on without it, up to the batch that was found there. */
function supersededBy(batch: number): StartFailure {
  return new StartFailure(
    'another-broker',
    `another broker has written to the database meanwhile (it is at batch ${batch}): what this one has in memory ` +
      'no longer holds, so it ends. See to it that only one broker is started on this database, and start it again',
  );
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
async function deleteWills(sql: Sql, entries: readonly NumberedEntry[], { wills }: Changes): Promise<void> {
  const published = entries.flatMap(({ entry }) => entry.willOf ?? []);
  const cleared = [...wills].flatMap(([connection, will]) => (will === undefined ? connection : []));
  if (published.length + cleared.length === 0) return;
  await sql`delete from surety.will where connection = any(${[...published, ...cleared]}::bigint[])`;
}
