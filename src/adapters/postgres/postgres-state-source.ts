import type {
  StateSource,
  StoredSessionRow,
  StoredSubscription,
  StoredWill,
} from '../../application/ports/state-source.js';
import type { ClientId } from '../../domain/client-id.js';
import { messageOf } from '../../domain/message.js';
import type { QoS } from '../../domain/qos.js';
import type { RetainedMessage } from '../../domain/retained/retained-message.js';
import type { StoredBacklog } from '../../domain/session/delivery-store.js';
import type { TopicFilter } from '../../domain/topic/topic-filter.js';
import type { TopicName } from '../../domain/topic/topic-name.js';
import { Will } from '../../domain/will/will.js';
import type { Sql } from './connect.js';
import { readReceivedIds } from './journal/held-ids.js';

const PAGE_ROWS = 5000;

interface SessionRow {
  readonly key: string;
  readonly client_id: ClientId;
  readonly disconnected_ms: string | null;
  readonly sent_through: string | null;
  readonly received_through: string | null;
}

/** Reads what the last run left in PostgreSQL. */
export class PostgresStateSource implements StateSource {
  /** @param removeEnded Told of sessions that are no more, and of which deliveries are left. */
  constructor(
    private readonly sql: Sql,
    private readonly removeEnded: (keys: readonly number[]) => void,
  ) {}

  async *sessions(): AsyncGenerator<readonly StoredSessionRow[]> {
    const [owed, receivedIds, subscriptions] = await Promise.all([
      this.owed(),
      readReceivedIds(this.sql),
      this.subscriptions(),
    ]);
    const pages = this.sql<SessionRow[]>`
      select key, client_id, floor(extract(epoch from disconnected_at) * 1000)::bigint as disconnected_ms,
             sent_through, received_through
      from surety.session order by key`.cursor(PAGE_ROWS);
    for await (const page of pages) {
      yield page.map((row) =>
        sessionRow(row, subscriptions.get(row.key), receivedIds.get(Number(row.key)), owed.get(row.key)),
      );
      for (const { key } of page) owed.delete(key);
    }
    if (owed.size > 0) this.removeEnded([...owed.keys()].map(Number));
    await this.sql`
      update surety.session s
      set disconnected_at = now(),
          sent_through = coalesce((select max(sequence) from surety.delivery d where d.session_key = s.key), -1)
      where disconnected_at is null`;
  }

  async *retained(): AsyncGenerator<readonly RetainedMessage[]> {
    const pages = this.sql<{ topic: TopicName; payload: Uint8Array; qos: QoS; published_ms: string }[]>`
      select topic, payload, qos, floor(extract(epoch from published_at) * 1000)::bigint as published_ms
      from surety.retained`.cursor(PAGE_ROWS);
    for await (const page of pages) {
      yield page.map(({ topic, payload, qos, published_ms: publishedMs }) => {
        const message = messageOf(topic, payload, qos, true);
        message.keep();
        return { message, publishedAtMs: Number(publishedMs) };
      });
    }
  }

  async wills(): Promise<StoredWill[]> {
    const rows = await this.sql<
      {
        connection: string;
        client_id: ClientId;
        topic: TopicName;
        payload: Uint8Array;
        qos: QoS;
        retain: boolean;
      }[]
    >`select connection, client_id, topic, payload, qos, retain from surety.will order by connection`;
    return rows.map(({ connection, client_id: clientId, topic, payload, qos, retain }) => ({
      connection: Number(connection),
      clientId,
      will: new Will(messageOf(topic, payload, qos, retain)),
    }));
  }

  private async owed(): Promise<Map<string, StoredBacklog>> {
    const rows = await this.sql<
      { key: string; messages: string; bytes: string; first: string; last: string; oldest_ms: string }[]
    >`
      select session_key as key, count(*) as messages, sum(bytes) as bytes, min(sequence) as first, max(sequence) as last,
             floor(extract(epoch from min(stored_at)) * 1000)::bigint as oldest_ms
      from surety.delivery group by session_key`;
    return new Map(
      rows.map(({ key, messages, bytes, first, last, oldest_ms: oldestMs }) => [
        key,
        {
          messages: Number(messages),
          bytes: Number(bytes),
          firstSequence: Number(first),
          lastSequence: Number(last),
          oldestAtMs: Number(oldestMs),
        },
      ]),
    );
  }

  private async subscriptions(): Promise<Map<string, StoredSubscription[]>> {
    const bySession = new Map<string, StoredSubscription[]>();
    const rows = this.sql<{ key: string; filter: TopicFilter; qos: QoS; replaying: boolean }[]>`
      select session_key as key, filter, qos, replaying from surety.subscription`.cursor(PAGE_ROWS);
    for await (const page of rows) {
      for (const { key, filter, qos, replaying } of page) {
        listOf(bySession, key).push({ filter, qos, isReplaying: replaying });
      }
    }
    return bySession;
  }
}

/** Of a client that was connected to the end, everything may have been sent. */
function sessionRow(
  row: SessionRow,
  subscriptions: readonly StoredSubscription[] = [],
  receivedIds: readonly number[] = [],
  backlog?: StoredBacklog,
): StoredSessionRow {
  const wasConnected = row.disconnected_ms === null;
  const sentThrough = wasConnected ? (backlog?.lastSequence ?? -1) : Number(row.sent_through ?? -1);
  return {
    key: Number(row.key),
    clientId: row.client_id,
    disconnectedAtMs: wasConnected ? undefined : Number(row.disconnected_ms),
    // What was received has been sent, even when nothing else tells of it.
    sentThrough: Math.max(sentThrough, Number(row.received_through ?? -1)),
    subscriptions,
    receivedIds,
    backlog,
  };
}

function listOf<V>(lists: Map<string, V[]>, key: string): V[] {
  let list = lists.get(key);
  if (list === undefined) lists.set(key, (list = []));
  return list;
}
