import type { BacklogReader } from '../../application/ports/backlog-reader.js';
import { FixedHistogram, WAIT_SECONDS } from '../../domain/fixed-histogram.js';
import { messageOf } from '../../domain/message.js';
import type { QoS } from '../../domain/qos.js';
import { Delivery } from '../../domain/session/delivery.js';
import type { BacklogRange, StoredSession } from '../../domain/session/delivery-store.js';
import type { TopicName } from '../../domain/topic/topic-name.js';
import type { Sql } from './connect.js';
import type { RenewablePool } from './renewable-pool.js';

interface DeliveryRow {
  readonly sequence: string;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly released: boolean;
  readonly topic: TopicName;
  readonly payload: Uint8Array;
}

const RETRY_MS = 200;
/** A read that takes longer is tried anew, on another connection if need be. Milliseconds. */
const ANSWER_MS_MAX = 10_000;
/** Topic and payload bytes of a page, give or take one message. */
const PAGE_BYTES_MAX = 2_097_152;

/** Reads what sessions are owed back from PostgreSQL, a page at a time. */
export class PostgresBacklogReader implements BacklogReader {
  readonly figures = { underWay: 0, failures: 0, seconds: new FixedHistogram(WAIT_SECONDS) };
  private isStopped = false;

  constructor(private readonly pool: RenewablePool) {}

  async read(session: StoredSession, range: BacklogRange): Promise<readonly Delivery[]> {
    this.figures.underWay++;
    try {
      return await this.readUntilDone(session, range);
    } finally {
      this.figures.underWay--;
    }
  }

  stop(): void {
    this.isStopped = true;
  }

  private async readUntilDone({ key }: StoredSession, range: BacklogRange): Promise<readonly Delivery[]> {
    while (!this.isStopped) {
      const sql = this.pool.current;
      const beganMs = performance.now();
      try {
        const rows = await inTime(page(sql, key, range));
        this.figures.seconds.observe((performance.now() - beganMs) / 1000);
        return rows.map(deliveryOf);
      } catch {
        this.figures.failures++;
        this.pool.giveUp(sql);
        // The journal tells that the database is away; this waits with it.
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    return [];
  }
}

function page(
  sql: Sql,
  key: number,
  { after, through, messagesMax }: BacklogRange,
): PromiseLike<DeliveryRow[]> {
  return sql<DeliveryRow[]>`
      select d.sequence, d.qos, d.retain,
             d.released or (d.qos = 2 and d.sequence <= coalesce(s.received_through, -1)) as released,
             coalesce(d.topic, m.topic) as topic, coalesce(d.payload, m.payload) as payload
      from (
        select *, sum(bytes) over (order by sequence) - bytes as bytes_before
        from surety.delivery
        where session_key = ${key} and sequence > ${after} and sequence <= ${through}
        order by sequence limit ${messagesMax}) d
      left join surety.message m on m.id = d.message_id
      left join surety.session s on s.key = d.session_key
      where d.bytes_before < ${PAGE_BYTES_MAX}
      order by d.sequence`;
}

/** @throws when there is no answer in time: a connection can die without a word. */
async function inTime<T>(answer: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer from the database')), ANSWER_MS_MAX);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function deliveryOf(row: DeliveryRow): Delivery {
  const message = messageOf(row.topic, row.payload, row.qos, row.retain);
  const delivery = new Delivery(Number(row.sequence), message, row.qos, row.retain);
  delivery.storage = 'written';
  if (row.released) delivery.stage = 'released';
  return delivery;
}
