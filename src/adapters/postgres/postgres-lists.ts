import type { Sql } from './connect.js';

/** A row of a list, with the names that the admin API has for its fields. */
type Row = Readonly<Record<string, unknown>>;

const PAGE_ROWS = 500;
/** Of each payload, so much is shown. Bytes. */
const SHOWN_BYTES = 4096;

/** What the database of a broker that doesn't run holds, page by page; nothing is changed. */
export class PostgresLists {
  constructor(private readonly sql: Sql) {}

  sessions({
    clientId,
    prefix = '',
  }: {
    readonly clientId?: string;
    readonly prefix?: string;
  }): AsyncIterable<Row[]> {
    return this.pages(this.sql`
      select s.client_id as "clientId", true as durable, false as connected, s.disconnected_at as "disconnectedAt",
             s.subscriptions::int, coalesce(q.messages, 0)::int as "queuedMessages",
             coalesce(q.bytes, 0)::float8 as "queuedBytes"
      from surety_report.sessions s left join surety_report.queues q on q.client_id = s.client_id
      where starts_with(s.client_id, ${prefix}) and (${clientId ?? null}::text is null or s.client_id = ${clientId ?? null})
      order by s.client_id`);
  }

  subscriptions({ clientId }: { readonly clientId?: string }): AsyncIterable<Row[]> {
    return this.pages(this.sql`
      select client_id as "clientId", filter, qos from surety_report.subscriptions
      where ${clientId ?? null}::text is null or client_id = ${clientId ?? null}
      order by client_id, filter`);
  }

  retained({ filter = '#' }: { readonly filter?: string }): AsyncIterable<Row[]> {
    return this.pages(this.sql`
      select topic, qos, published_at as "publishedAt", payload_bytes as "payloadBytes",
             substr(payload, 1, ${SHOWN_BYTES}) as payload
      from surety_report.retained_messages
      where ${filter} = '#' or topic ~ ${patternOf(filter)}
      order by topic`);
  }

  queue(clientId: string): AsyncIterable<Row[]> {
    return this.pages(this.sql`
      select d.sequence::float8 as sequence, d.qos, d.retain, coalesce(d.topic, m.topic) as topic,
             case when d.released then 'released' else 'queued' end as stage,
             octet_length(coalesce(d.payload, m.payload)) as "payloadBytes",
             substr(coalesce(d.payload, m.payload), 1, ${SHOWN_BYTES}) as payload
      from surety.delivery d
      join surety.session s on s.key = d.session_key
      left join surety.message m on m.id = d.message_id
      where s.client_id = ${clientId}
      order by d.sequence`);
  }

  private async *pages(rows: ReturnType<Sql>): AsyncGenerator<Row[]> {
    for await (const page of rows.cursor(PAGE_ROWS)) yield page.map((row) => fieldsOf(row as Row));
  }
}

/** A topic filter as a regular expression of PostgreSQL [MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-4.7.2-1]. */
function patternOf(filter: string): string {
  const levels = filter.split('/');
  const isOpen = levels.at(-1) === '#';
  if (isOpen) levels.pop();
  const path = levels
    .map((level) => (level === '+' ? '[^/]*' : level.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('/');
  const hidden = filter.startsWith('+') || filter.startsWith('#') ? '(?!\\$)' : '';
  const rest = levels.length === 0 ? '.*' : '(/.*)?';
  return `^${hidden}${path}${isOpen ? rest : ''}$`;
}

/** Times as text, payloads as in the admin API; what is absent is left out. */
function fieldsOf(row: Row): Row {
  const { payload, ...fields } = row;
  const shown = Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
    if (value === null) return [];
    return [[name, value instanceof Date ? value.toISOString() : value]];
  });
  return { ...Object.fromEntries(shown), ...payloadFields(payload, Number(row['payloadBytes'])) };
}

function payloadFields(payload: unknown, length: number): Row {
  if (!(payload instanceof Uint8Array)) return {};
  const bytes = Buffer.from(payload);
  const text = bytes.length === length ? { payloadText: textOf(bytes) } : {};
  return { payloadBase64: bytes.toString('base64'), ...text };
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
