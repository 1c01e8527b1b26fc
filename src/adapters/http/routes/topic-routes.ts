import { setImmediate as nextTurn } from 'node:timers/promises';

import type {
  Administration,
  Place,
  RetainedView,
} from '../../../application/administration/administration.js';
import type { QoS } from '../../../domain/qos.js';
import type { TopicName } from '../../../domain/topic/topic-name.js';
import { type AdminRoute, isDurable, route } from '../admin-route.js';
import { gather, pageOf, type PageQuery, pageQuery, START } from '../pages.js';
import { payloadFields, payloadSchemas, SHOWN_BYTES_MAX } from '../payloads.js';
import { badRequest, notFound, ProblemError } from '../problem.js';
import { changeResult, flag, integer, objectOf, qos, text, time, timeText } from '../schemas.js';

const topicParams = objectOf({ topic: text('The topic, percent-encoded: its slashes as %2F.') });
interface OneTopic {
  params: { topic: string };
}

const subscriptionSchema = objectOf({
  clientId: text('Whose it is.'),
  filter: text('The topic filter.'),
  qos,
});
const retainedSchema = objectOf(
  { topic: text('The topic.'), qos, publishedAt: time('When it was published.'), ...payloadSchemas },
  ['topic', 'qos', 'publishedAt', 'payloadBytes', 'payloadBase64'],
);

/** Who subscribes to what. */
export function subscriptionRoutes({ browse }: Administration): readonly AdminRoute[] {
  return [
    route<{ query: PageQuery & { clientId?: string; filter?: string; topic?: string } }>({
      ...{ method: 'GET', url: '/v1/subscriptions', scope: 'read' },
      ...{ tag: 'Subscriptions', name: 'listSubscriptions' },
      summary: 'List subscriptions, session by session, filters in the order of their text',
      query: pageQuery({
        clientId: text('Those of this client.'),
        filter: text('Those with this filter, character for character.'),
        topic: text('Those whose filter matches this topic: who gets what is published there.'),
      }),
      answers: pageOf(subscriptionSchema),
      handle: ({ query }) =>
        gather(
          query,
          (range) => browse.subscriptions(query, range),
          (item) => item,
        ),
    }),
  ];
}

/** What topics retain. */
export function retainedRoutes(administration: Administration): readonly AdminRoute[] {
  const { browse } = administration;
  const tag = 'Retained messages';
  return [
    route<{ query: PageQuery & { filter?: string } }>({
      ...{ method: 'GET', url: '/v1/retained', scope: 'read', tag, name: 'listRetained' },
      summary: 'List retained messages, in the order in which their topics came to have one',
      query: pageQuery(
        { filter: text('A filter that the topic matches, such as plant/+/state.') },
        { fallback: 50, max: 200 },
      ),
      answers: pageOf(retainedSchema),
      handle: ({ query }) =>
        gather(
          query,
          (range) => browse.retained(query, range),
          (view) => retainedItem(view, SHOWN_BYTES_MAX),
        ),
    }),
    route<{ query: { filter: string } }>({
      ...{ method: 'DELETE', url: '/v1/retained', scope: 'operate', tag },
      ...{ name: 'clearRetainedMatching', action: 'retained.clear' },
      summary: 'Clear the retained messages that a filter matches; subscribers are told nothing',
      query: objectOf({ filter: text('A filter that the topic matches; # clears all.', { minLength: 1 }) }),
      answers: changeResult({ cleared: integer('How many messages that was.') }),
      handle: async ({ query, caller }) => {
        const durable: Promise<void>[] = [];
        let cleared = 0;
        let after: Place | undefined = START;
        while (after !== undefined) {
          const change = administration.clearMatching(query, after, caller);
          durable.push(change.durable);
          cleared += change.cleared;
          after = change.next;
          await nextTurn();
        }
        const all = { durable: Promise.all(durable).then(() => undefined) };
        return { cleared, durable: await isDurable(all) };
      },
    }),
    route<OneTopic>({
      ...{ method: 'GET', url: '/v1/retained/:topic', scope: 'read', tag, name: 'showRetained' },
      summary: 'Show the retained message of a topic, with its whole payload',
      params: topicParams,
      answers: retainedSchema,
      problems: { 404: 'The topic has none.' },
      handle: ({ params }) => {
        const retained = browse.retainedMessage(params.topic as TopicName);
        if (retained === undefined) throw noneRetained(params.topic);
        return retainedItem(retained);
      },
    }),
    route<OneTopic>({
      ...{ method: 'DELETE', url: '/v1/retained/:topic', scope: 'operate', tag },
      ...{ name: 'clearRetained', action: 'retained.clear' },
      summary: 'Clear the retained message of a topic; subscribers are told nothing',
      params: topicParams,
      answers: changeResult(),
      problems: { 404: 'The topic has none.' },
      handle: async ({ params, caller }) => {
        const change = administration.clearRetained(params.topic as TopicName, caller);
        if (change === undefined) throw noneRetained(params.topic);
        return { durable: await isDurable(change) };
      },
    }),
  ];
}

interface PublishBody {
  readonly topic: string;
  readonly payload?: string;
  readonly payloadBase64?: string;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** A message from nobody's connection. @param packetBytesMax The most bytes of topic and payload. */
export function publishRoutes(administration: Administration, packetBytesMax: number): readonly AdminRoute[] {
  return [
    route<{ body: PublishBody }>({
      ...{ method: 'POST', url: '/v1/publish', scope: 'operate', tag: 'Messages' },
      ...{ name: 'publish', action: 'publish' },
      summary: 'Publish a message',
      // Each byte may be escaped to six.
      bodyBytesMax: packetBytesMax * 6 + 4096,
      body: objectOf(
        {
          topic: text('Where to.', { minLength: 1 }),
          payload: text('The payload as text; or else:'),
          payloadBase64: text('The payload in base64. Without either it is empty.', {
            contentEncoding: 'base64',
          }),
          qos: { ...qos, default: 0 },
          retain: { ...flag('Whether the topic retains it; an empty payload clears.'), default: false },
        },
        ['topic'],
      ),
      answers: changeResult({ sessions: integer('How many sessions have a subscription that matches.') }),
      problems: { 409: 'A queue is full, and `limits.queuePolicy` is to refuse.' },
      handle: async ({ body, caller }) => {
        const { topic, qos, retain } = body;
        const outcome = administration.publish({ topic, payload: payloadOf(body), qos, retain }, caller);
        if ('refusal' in outcome) throw new ProblemError(REFUSALS[outcome.refusal]);
        return { sessions: outcome.sessions, durable: await isDurable(outcome) };
      },
    }),
  ];
}

const REFUSALS = {
  bad_topic: {
    status: 400,
    code: 'bad_topic',
    detail: 'body/topic is no topic name: it must keep the limits, and have no +, # or U+0000',
  },
  server_topic: {
    status: 400,
    code: 'server_topic',
    detail: 'body/topic belongs to the server: publish to one that does not begin with $SYS',
  },
  payload_too_large: {
    status: 413,
    code: 'payload_too_large',
    detail: 'topic and payload are over limits.packetBytesMax',
  },
  queue_full: {
    status: 409,
    code: 'queue_full',
    detail:
      'the queue of a receiver is full, and limits.queuePolicy is refuse: GET /v1/sessions?queuedMin=1 finds it',
  },
} as const;

function payloadOf({ payload, payloadBase64 }: PublishBody): Uint8Array {
  if (payload !== undefined && payloadBase64 !== undefined)
    throw badRequest('body has both payload and payloadBase64: leave one out');
  if (payloadBase64 === undefined) return Buffer.from(payload ?? '');
  const bytes = Buffer.from(payloadBase64, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') === payloadBase64.replace(/=+$/, '')) return bytes;
  throw badRequest('body/payloadBase64 is not base64 (RFC 4648, section 4)');
}

function noneRetained(topic: string) {
  return notFound(
    `the topic "${topic}" has no retained message: GET /v1/retained lists those that there are`,
  );
}

function retainedItem({ publishedAtMs, payload, topic, qos }: RetainedView, shownBytesMax?: number) {
  return { topic, qos, publishedAt: timeText(publishedAtMs), ...payloadFields(payload, shownBytesMax) };
}
