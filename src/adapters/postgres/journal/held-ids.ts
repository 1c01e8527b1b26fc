import type { Sql } from '../connect.js';
import type { Batch } from './batch.js';

/** Packet ids that share a row. */
const BLOCK_IDS = 256;

/** The ids of one block that are held. */
type Block = Uint8Array;

/** A block that a batch has changed. */
interface ChangedBlock {
  readonly key: number;
  readonly block: number;
  readonly held: Block;
}

/**
 * The packet ids of incoming QoS 2 messages as the database holds them, or will when the batch under way is
 * committed: it takes whole blocks of them, so what a batch doesn't change has to be known as well.
 */
export class HeldIds {
  private readonly sessions = new Map<number, Map<number, Block>>();

  /**
   * Ids that were freed while the entry that holds them still waited, and behind which entry: what such an entry
   * would hold is free already.
   */
  private readonly freedEarly = new Map<string, number>();
  /** The last batch, and what it has changed. */
  private batch = -1;
  private changed: readonly ChangedBlock[] = [];

  private constructor() {}

  /** Reads them from the database. */
  static async read(sql: Sql): Promise<HeldIds> {
    const ids = new HeldIds();
    for (const [key, packetIds] of await readReceivedIds(sql)) {
      for (const packetId of packetIds) ids.note(key, packetId, true);
    }
    return ids;
  }

  /** Applies a batch. @returns the statements that write what it changes, for each time that it is tried. */
  change(sql: Sql, batch: Batch): PromiseLike<unknown>[] {
    if (batch.number !== this.batch) this.changed = this.apply(batch);
    this.batch = batch.number;
    const kept = this.changed.filter(({ held }) => held.includes(1));
    const emptied = this.changed.filter(({ held }) => !held.includes(1));
    return [
      ...(kept.length > 0 ? [writeBlocks(sql, kept)] : []),
      ...(emptied.length > 0 ? [deleteBlocks(sql, emptied)] : []),
    ];
  }

  private apply({ entries, changes }: Batch): readonly ChangedBlock[] {
    const changed = new Map<string, ChangedBlock>();
    const note = (key: number, packetId: number, isHeld: boolean): void => {
      const block = this.note(key, packetId, isHeld);
      changed.set(`${key}/${block.block}`, block);
    };
    const lastHeld = new Map<string, number>();
    for (const { number, entry } of entries) {
      const { received } = entry;
      if (received === undefined) continue;
      const { session, packetId } = received;
      const name = `${session.key}/${packetId}`;
      if (this.wasFreedBehind(name, number)) continue;
      note(session.key, packetId, true);
      if (changes.freedIds.length > 0) lastHeld.set(name, number);
    }
    for (const { key, packetId, behindEntry } of changes.freedIds) {
      const name = `${key}/${packetId}`;
      const isKnown = lastHeld.has(name) || this.isHeld(key, packetId);
      if (!isKnown) this.freedEarly.set(name, behindEntry);
      else if ((lastHeld.get(name) ?? -1) < behindEntry) note(key, packetId, false);
    }
    for (const block of changed.values()) this.forgetIfEmpty(block);
    for (const { key } of changes.endedSessions) this.sessions.delete(key);
    return [...changed.values()];
  }

  /** Whether the id of this entry was freed before the entry's turn came; that is told once. */
  private wasFreedBehind(name: string, number: number): boolean {
    const behindEntry = this.freedEarly.get(name);
    if (behindEntry === undefined) return false;
    this.freedEarly.delete(name);
    return number < behindEntry;
  }

  private isHeld(key: number, packetId: number): boolean {
    const held = this.sessions.get(key)?.get(Math.floor(packetId / BLOCK_IDS));
    return held?.[packetId % BLOCK_IDS] === 1;
  }

  private note(key: number, packetId: number, isHeld: boolean): ChangedBlock {
    let blocks = this.sessions.get(key);
    if (blocks === undefined) this.sessions.set(key, (blocks = new Map<number, Block>()));
    const block = Math.floor(packetId / BLOCK_IDS);
    let held = blocks.get(block);
    if (held === undefined) blocks.set(block, (held = new Uint8Array(BLOCK_IDS)));
    held[packetId % BLOCK_IDS] = isHeld ? 1 : 0;
    return { key, block, held };
  }

  private forgetIfEmpty({ key, block, held }: ChangedBlock): void {
    if (held.includes(1)) return;
    const blocks = this.sessions.get(key);
    blocks?.delete(block);
    if (blocks?.size === 0) this.sessions.delete(key);
  }
}

/** The ids that the database holds, by the key of the session. */
export async function readReceivedIds(sql: Sql): Promise<Map<number, number[]>> {
  const rows = await sql<{ key: string; block: number; held: string }[]>`
    select session_key as key, block, held::text as held from surety.received_ids`;
  const bySession = new Map<number, number[]>();
  for (const { key, block, held } of rows) {
    const packetIds = Array.from(held, (bit, i) => (bit === '1' ? block * BLOCK_IDS + i : [])).flat();
    const known = bySession.get(Number(key));
    if (known === undefined) bySession.set(Number(key), packetIds);
    else known.push(...packetIds);
  }
  return bySession;
}

function writeBlocks(sql: Sql, blocks: readonly ChangedBlock[]): PromiseLike<unknown> {
  return sql`
    insert into surety.received_ids (session_key, block, held)
    select key, block, held::bit(256)
    from unnest(${blocks.map(({ key }) => key)}::bigint[], ${blocks.map(({ block }) => block)}::smallint[],
                ${blocks.map(({ held }) => held.join(''))}::text[]) as n (key, block, held)
    on conflict (session_key, block) do update set held = excluded.held`;
}

function deleteBlocks(sql: Sql, blocks: readonly ChangedBlock[]): PromiseLike<unknown> {
  return sql`
    delete from surety.received_ids i
    using unnest(${blocks.map(({ key }) => key)}::bigint[], ${blocks.map(({ block }) => block)}::smallint[])
      as e (key, block)
    where i.session_key = e.key and i.block = e.block`;
}
