import type { AuditArchive, Verification } from '../../../application/ports/audit-archive.js';
import { AUDIT_KINDS, type AuditKind } from '../../../domain/audit/audit-event.js';
import type { StoredRecord } from '../../../domain/audit/stored-record.js';
import { parseTopicFilter } from '../../../domain/topic/topic-filter.js';
import type { Administration } from '../../../application/administration/administration.js';
import { type AdminRoute, route } from '../admin-route.js';
import { storeUnavailable } from '../from-database.js';
import { gather, pageOf, type PageQuery, pageQuery } from '../pages.js';
import { badRequest, notFound } from '../problem.js';
import { choice, integer, objectOf, text, time, timeText, type JsonSchema } from '../schemas.js';

const TAG = 'Audit trail';

const OPTIONAL = {
  clientId: text('The client that it concerns.'),
  principal: text('Who did it: the name that was proved.'),
  authentication: text('How it was proved.'),
  address: text('From where, without the port.'),
  listener: text('Where it came in.'),
  session: integer('The key of the durable session that it concerns.'),
  reason: text('The reason code, or the error.'),
  rule: text('The access rule that decided.'),
  topic: text('The topic or the filter that it concerns.'),
  details: { type: 'object', description: 'What else belongs to the kind.', additionalProperties: true },
} as const;
const recordSchema = objectOf(
  {
    sequence: integer('Counts up from 1 without a gap.'),
    at: text('When: RFC 3339, in UTC.'),
    node: text('The broker that wrote it.'),
    version: integer('Of the record format.'),
    kind: text('What happened.'),
    ...OPTIONAL,
    hash: text('SHA-256 over the hash before it and this record, in hex: see audit.md.'),
  },
  ['sequence', 'at', 'node', 'version', 'kind', 'hash'],
);

const verificationSchema = objectOf(
  {
    state: choice(['running', 'intact', 'tampered', 'failed'], 'How far it has come, and what it found.'),
    startedAt: time('When it began.'),
    endedAt: time('When it ended.'),
    report: {
      type: 'object',
      additionalProperties: true,
      description: 'What `surety audit verify --json` prints.',
    },
    failure: text('Why it could not be done.'),
  },
  ['state', 'startedAt'],
);

interface SearchQuery extends PageQuery {
  readonly from?: string;
  readonly to?: string;
  readonly clientId?: string;
  readonly principal?: string;
  readonly kind?: AuditKind[];
  readonly topic?: string;
}

/** The history, and whether it is as it was written. */
export function auditRoutes(administration: Administration, archive: AuditArchive): readonly AdminRoute[] {
  const verifications = { url: '/v1/audit/verification', scope: 'read', tag: TAG } as const;
  return [
    route<{ query: SearchQuery }>({
      ...{ method: 'GET', url: '/v1/audit/records', scope: 'read', tag: TAG, name: 'searchAudit' },
      summary: 'Search the audit trail, oldest first',
      query: pageQuery(searchFields),
      answers: pageOf(recordSchema),
      handle: ({ query }) => gather(query, searchStep(archive, query), recordItem),
    }),
    route({
      ...{ ...verifications, method: 'POST', name: 'verifyAudit', action: 'audit.verify' },
      summary: 'Begin to verify the whole trail against its checkpoints, in a process of its own',
      answers: verificationSchema,
      handle: ({ caller }) => {
        const isNew = archive.verification?.state !== 'running';
        const verification = archive.verify();
        if (isNew) administration.changed('audit.verify', caller);
        return verificationItem(verification);
      },
    }),
    route({
      ...{ ...verifications, method: 'GET', name: 'showAuditVerification' },
      summary: 'Show how the last verification went, or how far it is',
      answers: verificationSchema,
      problems: { 404: 'None was asked for since the broker started.' },
      handle: () => {
        const { verification } = archive;
        if (verification !== undefined) return verificationItem(verification);
        throw notFound(
          'the trail was not verified since the broker started: POST /v1/audit/verification does',
        );
      },
    }),
  ];
}

const searchFields: Readonly<Record<string, JsonSchema>> = {
  from: time('Not before this time.'),
  to: time('Before this time.'),
  clientId: text('About this client.'),
  principal: text('By this name.'),
  kind: {
    type: 'array',
    items: { type: 'string', enum: AUDIT_KINDS },
    description: 'Of one of these kinds; may be given several times.',
  },
  topic: text('About topics that match; + and # are as in a subscription.'),
};

function searchStep(archive: AuditArchive, query: SearchQuery) {
  const { from, to, clientId, principal, kind: kinds, topic } = query;
  const filter = { fromMs: timeMs('from', from), toMs: timeMs('to', to), clientId, principal, kinds, topic };
  if (topic !== undefined && parseTopicFilter(topic) === undefined)
    throw badRequest(
      'querystring/topic must be a topic or a filter: plant/7/state, plant/+/state or plant/#',
    );
  return async ({ after, limit }: { after: { number: number }; limit: number }) => {
    const afterSequence = Math.max(0, after.number);
    const items = await archive.search({ ...filter, afterSequence, limit }).catch((error: unknown) => {
      throw storeUnavailable("the audit trail can't be read", error);
    });
    const last = items.at(-1);
    return {
      items,
      next: last === undefined || items.length < limit ? undefined : { number: last.sequence },
    };
  };
}

function timeMs(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) throw badRequest(`querystring/${name} must look like 2026-03-01T12:00:00Z`);
  return ms;
}

/** The schema leaves out the hash before it. */
function recordItem({ atMs, hash, ...record }: StoredRecord) {
  const at = Number.isSafeInteger(atMs) ? timeText(atMs) : String(atMs);
  return { ...record, at, hash: Buffer.from(hash).toString('hex') };
}

function verificationItem({ startedAtMs, endedAtMs, ...verification }: Verification) {
  const ended = endedAtMs === undefined ? {} : { endedAt: timeText(endedAtMs) };
  return { ...verification, startedAt: timeText(startedAtMs), ...ended };
}
