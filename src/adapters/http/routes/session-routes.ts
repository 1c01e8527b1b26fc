import type {
  Administration,
  QueuedView,
  SessionView,
} from '../../../application/administration/administration.js';
import { type AdminRoute, isDurable, route } from '../admin-route.js';
import { requireStore } from '../from-database.js';
import { gather, pageOf, type PageQuery, pageQuery } from '../pages.js';
import { payloadFields, payloadSchemas, SHOWN_BYTES_MAX } from '../payloads.js';
import { notFound } from '../problem.js';
import {
  changeResult,
  choice,
  clientIdParams,
  flag,
  integer,
  objectOf,
  qos,
  text,
  time,
  timeText,
} from '../schemas.js';

const TAG = 'Sessions';
interface OneSession {
  params: { clientId: string };
}

const sessionSchema = objectOf(
  {
    clientId: text('The MQTT client id.'),
    key: integer('The number of the session, which no other ever gets.'),
    durable: flag('Whether it outlives its connection (CleanSession 0).'),
    connected: flag('Whether its client is there.'),
    disconnectedAt: time('Since when its client has been away.'),
    subscriptions: integer('Its subscriptions.'),
    inflight: integer('Messages that were sent and not acknowledged.'),
    queuedMessages: integer('Messages that wait to be sent.'),
    queuedBytes: integer('Their topic and payload bytes.'),
  },
  [
    ...['clientId', 'key', 'durable', 'connected'],
    ...['subscriptions', 'inflight', 'queuedMessages', 'queuedBytes'],
  ],
);

const queuedSchema = objectOf(
  {
    sequence: integer('Its place in the order of sending.'),
    topic: text('The topic.'),
    qos,
    retain: flag('Whether it answers a new subscription.'),
    stage: choice(
      ['queued', 'sent', 'received', 'released', 'settled'],
      'How far it has come: waiting, sent, or (QoS 2) received by the client or released to it.',
    ),
    ...payloadSchemas,
  },
  ['sequence', 'topic', 'qos', 'retain', 'stage', 'payloadBytes', 'payloadBase64'],
);

/** What the broker keeps for clients, and what it owes them. */
export function sessionRoutes(administration: Administration): readonly AdminRoute[] {
  const { browse } = administration;
  return [
    route<{
      query: PageQuery & { prefix?: string; connected?: boolean; durable?: boolean; queuedMin?: number };
    }>({
      ...{ method: 'GET', url: '/v1/sessions', scope: 'read', tag: TAG, name: 'listSessions' },
      summary: 'List the sessions, in the order in which they were made',
      query: pageQuery({
        prefix: text('What the client id begins with.'),
        connected: flag('Whether the client is there.'),
        durable: flag('Whether the session outlives its connection.'),
        queuedMin: integer('The fewest messages that wait in it.'),
      }),
      answers: pageOf(sessionSchema),
      handle: ({ query }) => gather(query, (range) => browse.sessions(query, range), sessionItem),
    }),
    route<OneSession>({
      ...{ method: 'GET', url: '/v1/sessions/:clientId', scope: 'read', tag: TAG, name: 'showSession' },
      summary: 'Show a session',
      params: clientIdParams,
      answers: sessionSchema,
      problems: { 404: 'There is no such session.' },
      handle: ({ params }) => {
        const session = browse.session(params.clientId);
        if (session === undefined) throw noSession(params.clientId);
        return sessionItem(session);
      },
    }),
    route<OneSession>({
      ...{ method: 'DELETE', url: '/v1/sessions/:clientId', scope: 'operate', tag: TAG },
      ...{ name: 'deleteSession', action: 'session.delete' },
      summary: 'Delete a session with its subscriptions and its queue, and disconnect its client',
      params: clientIdParams,
      answers: changeResult(),
      problems: { 404: 'There is no such session.' },
      handle: async ({ params, caller }) => {
        const change = administration.deleteSession(params.clientId, caller);
        if (change === undefined) throw noSession(params.clientId);
        return { durable: await isDurable(change) };
      },
    }),
    ...queueRoutes(administration),
  ];
}

function queueRoutes(administration: Administration): readonly AdminRoute[] {
  const url = '/v1/sessions/:clientId/queue';
  return [
    route<OneSession & { query: PageQuery }>({
      ...{ method: 'GET', url, scope: 'read', tag: TAG, name: 'browseQueue' },
      summary: 'Read what a session owes its client, without taking anything away',
      params: clientIdParams,
      query: pageQuery({}, { fallback: 50, max: 200 }),
      answers: pageOf(queuedSchema),
      problems: { 404: 'There is no such session.' },
      handle: ({ params, query }) => {
        requireStore(administration);
        const step = async (range: Parameters<Administration['queue']>[1]) => {
          const found = await administration.queue(params.clientId, range);
          if (found === undefined) throw noSession(params.clientId);
          return found;
        };
        return gather(query, step, queuedItem);
      },
    }),
    route<OneSession>({
      ...{ method: 'DELETE', url, scope: 'operate', tag: TAG, name: 'purgeQueue', action: 'queue.purge' },
      summary: 'Throw away what waits for a client; what was sent to it stays until it is acknowledged',
      params: clientIdParams,
      answers: changeResult({ messages: integer('How many messages that was.') }),
      problems: { 404: 'There is no such session.' },
      handle: async ({ params, caller }) => {
        const change = administration.purgeQueue(params.clientId, caller);
        if (change === undefined) throw noSession(params.clientId);
        return { messages: change.messages, durable: await isDurable(change) };
      },
    }),
  ];
}

function noSession(clientId: string) {
  return notFound(`there is no session of "${clientId}": GET /v1/sessions lists those that there are`);
}

function sessionItem({ disconnectedAtMs, ...session }: SessionView) {
  if (disconnectedAtMs === undefined) return session;
  return { ...session, disconnectedAt: timeText(disconnectedAtMs) };
}

function queuedItem({ payload, ...message }: QueuedView) {
  return { ...message, ...payloadFields(payload, SHOWN_BYTES_MAX) };
}
