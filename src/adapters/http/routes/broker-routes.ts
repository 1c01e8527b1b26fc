import type { Administration } from '../../../application/administration/administration.js';
import {
  ADMIN_SCOPES,
  type AdminScope,
  type AdminTokens,
  TOKEN_NAME,
} from '../../../application/ports/admin-tokens.js';
import {
  LOG_COMPONENTS,
  LOG_LEVELS,
  type LogComponent,
  type LogLevel,
  type LogLevels,
} from '../../../application/ports/log-levels.js';
import { type AdminRoute, isDurable, route } from '../admin-route.js';
import { notFound, ProblemError } from '../problem.js';
import {
  changeResult,
  choice,
  flag,
  integer,
  objectOf,
  text,
  time,
  timeText,
  type JsonSchema,
} from '../schemas.js';

const TAG = 'Broker';

/** What the broker says of itself. */
export interface AboutBroker {
  readonly version: string;
  /** Its name in the audit trail. */
  readonly node: string;
  readonly startedAtMs: number;
  /** The configuration in force at the moment of the look, without secrets. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** How its last reading went, at the moment of the look. */
  readonly reading: {
    /** Milliseconds since the epoch. */
    readonly readAtMs: number;
    readonly needRestart: readonly string[];
    readonly faults: readonly string[];
  };
}

const listOf = (description: string): JsonSchema => ({
  type: 'array',
  items: { type: 'string' },
  description,
});
const counted = (description: string): JsonSchema => ({
  type: 'object',
  additionalProperties: { type: 'integer' },
  description,
});
const statusSchema = objectOf(
  {
    version: text('Of the broker.'),
    node: text('Its name in the audit trail.'),
    startedAt: time('When it was started.'),
    uptimeSeconds: integer('Since then.'),
    ready: flag('Whether changes can be made durable.'),
    storeFailure: text('Why they can not; absent when they can.'),
    storage: text('Where the data is.'),
    connections: integer('Connected clients.'),
    sessions: integer('Sessions, of clients that are there or away.'),
    subscriptions: integer('Subscriptions.'),
    retainedMessages: integer('Retained messages.'),
    retainedBytes: integer('Their topic and payload bytes.'),
    journalPendingBytes: integer('Bytes that wait to be committed to the database.'),
    commits: integer('Transactions since the start.'),
    isAudited: flag('Whether the audit trail is written.'),
    auditSequence: integer('The number of its last durable record.'),
    configuration: objectOf({
      readAt: time('When it was read last: at the start, by SIGHUP, or as its file had changed.'),
      needRestart: listOf('Keys of which it says something else than what is in force until a restart.'),
      faults: listOf('What is wrong with it: the broker goes on as it was, and would not start with it.'),
    }),
    messages: objectOf({
      received: counted('PUBLISH packets from clients since the start, by QoS.'),
      sent: counted('PUBLISH packets to clients since the start, by QoS.'),
      dropped: counted('Messages that were dropped since the start, by reason.'),
      receivedBytes: integer('Bytes from clients.'),
      sentBytes: integer('Bytes to clients.'),
    }),
  },
  [
    ...['version', 'node', 'startedAt', 'uptimeSeconds', 'ready', 'storage', 'connections', 'sessions'],
    ...['subscriptions', 'retainedMessages', 'retainedBytes', 'journalPendingBytes', 'commits'],
    ...['isAudited', 'auditSequence', 'configuration', 'messages'],
  ],
);

/** How the broker does, what it was told to be, and how much it logs. */
export function brokerRoutes(
  administration: Administration,
  about: AboutBroker,
  logs: LogLevels,
): readonly AdminRoute[] {
  const levels = choice(LOG_LEVELS, 'The least severe level that is written.');
  const levelsSchema = objectOf(
    Object.fromEntries(LOG_COMPONENTS.map((name) => [name, levels])),
    [],
    'By component.',
  );
  return [
    route({
      ...{ method: 'GET', url: '/v1/status', scope: 'read', tag: TAG, name: 'showStatus' },
      summary: 'Show how the broker does',
      answers: statusSchema,
      handle: () => statusItem(administration, about),
    }),
    route({
      ...{ method: 'GET', url: '/v1/configuration', scope: 'read', tag: TAG, name: 'showConfiguration' },
      summary: 'Show the configuration in force, defaults filled in and secrets left out',
      answers: { type: 'object', additionalProperties: true },
      handle: () => about.configuration,
    }),
    route({
      ...{ method: 'GET', url: '/v1/log/levels', scope: 'read', tag: TAG, name: 'showLogLevels' },
      summary: 'Show how much is logged',
      answers: levelsSchema,
      handle: () => logs.levels(),
    }),
    route<{ body: { level: LogLevel; component?: LogComponent } }>({
      ...{ method: 'PUT', url: '/v1/log/levels', scope: 'operate', tag: TAG },
      ...{ name: 'setLogLevel', action: 'log.level' },
      summary: 'Set how much is logged, until the broker stops or its configuration says something else',
      body: objectOf({ level: levels, component: choice(LOG_COMPONENTS, 'Absent: all.') }, ['level']),
      answers: changeResult({ levels: levelsSchema }),
      handle: async ({ body: { level, component }, caller }) => {
        const details = component === undefined ? { level } : { level, component };
        const change = administration.changed('log.level', caller, { details });
        logs.set(component, level);
        return { levels: logs.levels(), durable: await isDurable(change) };
      },
    }),
  ];
}

const tokenName = text('The name of the token: it stands in the audit trail.', {
  pattern: TOKEN_NAME.source,
});
const tokenSchema = objectOf({
  name: tokenName,
  scope: choice(ADMIN_SCOPES, 'What it lets its holder do; each scope includes those before it.'),
  createdAt: time('When it was made.'),
});

/** Who may call. */
export function tokenRoutes(administration: Administration, tokens: AdminTokens): readonly AdminRoute[] {
  const tag = 'Tokens';
  return [
    route({
      ...{ method: 'GET', url: '/v1/tokens', scope: 'administer', tag, name: 'listTokens' },
      summary: 'List the tokens, without their secrets',
      answers: objectOf({ items: { type: 'array', items: tokenSchema } }),
      handle: async () => {
        const items = (await tokens.list()).map(({ createdAtMs, ...token }) => ({
          ...token,
          createdAt: timeText(createdAtMs),
        }));
        return { items };
      },
    }),
    route<{ body: { name: string; scope: AdminScope } }>({
      ...{
        method: 'POST',
        url: '/v1/tokens',
        scope: 'administer',
        tag,
        name: 'addToken',
        action: 'token.add',
      },
      summary: 'Make a token; its secret is told this once',
      body: objectOf({ name: tokenName, scope: choice(ADMIN_SCOPES, 'What it is to allow.') }),
      answers: changeResult({ secret: text('For the header `Authorization: Bearer ...`.') }),
      problems: { 409: 'The name is taken.' },
      handle: async ({ body: { name, scope }, caller }) => {
        const secret = await tokens.add(name, scope);
        if (secret === undefined) {
          const detail = `there is a token "${name}" already: revoke it, or take another name`;
          throw new ProblemError({ status: 409, code: 'name_taken', detail });
        }
        const change = administration.changed('token.add', caller, { details: { token: name, scope } });
        return { secret, durable: await isDurable(change) };
      },
    }),
    route<{ params: { name: string } }>({
      ...{ method: 'DELETE', url: '/v1/tokens/:name', scope: 'administer', tag },
      ...{ name: 'revokeToken', action: 'token.revoke' },
      summary: 'Revoke a token, at once',
      params: objectOf({ name: tokenName }),
      answers: changeResult(),
      problems: { 404: 'There is no such token.' },
      handle: async ({ params: { name }, caller }) => {
        if (!(await tokens.revoke(name)))
          throw notFound(`there is no token "${name}": GET /v1/tokens lists them`);
        const change = administration.changed('token.revoke', caller, { details: { token: name } });
        return { durable: await isDurable(change) };
      },
    }),
  ];
}

function statusItem(administration: Administration, about: AboutBroker) {
  const { version, node, startedAtMs } = about;
  const { readAtMs, needRestart, faults } = about.reading;
  const { counters, storeFailure, ...status } = administration.status();
  const { received, sent, dropped, receivedBytes, sentBytes } = counters;
  return {
    ...{ version, node, startedAt: timeText(startedAtMs) },
    uptimeSeconds: Math.floor((Date.now() - startedAtMs) / 1000),
    ready: storeFailure === undefined,
    ...(storeFailure === undefined ? {} : { storeFailure }),
    ...status,
    configuration: { readAt: timeText(readAtMs), needRestart, faults },
    messages: { received: byQos(received), sent: byQos(sent), dropped, receivedBytes, sentBytes },
  };
}

function byQos(counts: readonly number[]): Record<string, number> {
  return Object.fromEntries(counts.map((count, level) => [String(level), count]));
}
