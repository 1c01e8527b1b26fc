import type { Sql } from './open-database.js';

const ROWS_A_COMMIT = 500;
const SESSIONS = 20;
const PAYLOAD_BYTES = 100;

/** The next rows of each session, as columns. */
class RowSource {
  readonly keys: number[] = [];
  readonly sequences: number[] = [];
  readonly storedAt: string[] = [];
  readonly bytes: number[] = [];
  readonly qos: number[] = [];
  readonly topics: string[] = [];
  /** As they stand in the text form of an array of `bytea`. */
  readonly payloads: string[] = [];
  private made = 0;

  /** Fills the columns with as many new rows as a commit takes. */
  next(): void {
    const now = new Date().toISOString();
    for (let row = 0; row < ROWS_A_COMMIT; row++) {
      const session = this.made % SESSIONS;
      const topic = `load/${session}`;
      const payload = Buffer.alloc(PAYLOAD_BYTES);
      payload.writeUInt32BE(this.made, 8);
      this.keys[row] = session + 1;
      this.sequences[row] = Math.floor(this.made / SESSIONS) + 1;
      this.storedAt[row] = now;
      this.bytes[row] = topic.length + PAYLOAD_BYTES;
      this.qos[row] = 1;
      this.topics[row] = topic;
      this.payloads[row] = `"\\\\x${payload.toString('hex')}"`;
      this.made++;
    }
  }
}

/** The text form of an array: the driver has none for these types. */
function arrayText(elements: readonly string[]): string {
  return `{${elements.join(',')}}`;
}

/**
 * Inserts rows such as the broker keeps for offline sessions, without a broker: one connection, one statement and
 * commit after another, as fast as they go.
 * @param numbers Seconds of warm-up, seconds to measure.
 */
export async function bareInsert(
  sql: Sql,
  [warmupSeconds = 1, seconds = 4]: readonly number[],
): Promise<Record<string, number>> {
  const source = new RowSource();
  await insertFor(sql, source, warmupSeconds);
  const startMs = performance.now();
  const rows = await insertFor(sql, source, seconds);
  return { rows_per_s: Math.round(rows / ((performance.now() - startMs) / 1000)) };
}

async function insertFor(sql: Sql, source: RowSource, seconds: number): Promise<number> {
  const deadline = performance.now() + seconds * 1000;
  let rows = 0;
  while (performance.now() < deadline) {
    source.next();
    await sql`
      insert into surety.delivery
        (session_key, sequence, stored_at, bytes, qos, retain, released, message_id, topic, payload)
      select key, sequence, stored_at, bytes, qos, false, false, null, topic, payload
      from unnest(
        ${source.keys}::bigint[], ${source.sequences}::bigint[],
        ${arrayText(source.storedAt)}::timestamptz[],
        ${source.bytes}::integer[], ${source.qos}::smallint[], ${source.topics}::text[],
        ${arrayText(source.payloads)}::bytea[]
      ) as row (key, sequence, stored_at, bytes, qos, topic, payload)`;
    rows += ROWS_A_COMMIT;
  }
  return rows;
}
