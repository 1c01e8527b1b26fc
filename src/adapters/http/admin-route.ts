import { BlockList, isIPv6 } from 'node:net';

import type { FastifyInstance, FastifyRequest, FastifySchema } from 'fastify';

import type { Change } from '../../application/administration/administration.js';
import type { AdminCaller } from '../../application/ports/admin-caller.js';
import type { AdminScope } from '../../application/ports/admin-tokens.js';
import { objectOf, type JsonSchema } from './schemas.js';

/** A request that was let in, its parts as the route's schemas have them. */
export interface Call<Shape extends CallShape = CallShape> {
  readonly params: Shape['params'];
  readonly query: Shape['query'];
  readonly body: Shape['body'];
  readonly caller: AdminCaller;
  /** Whether nobody on a network can have read it: it came by TLS, or from this machine. */
  readonly isPrivate: boolean;
}
export interface CallShape {
  params?: unknown;
  query?: unknown;
  body?: unknown;
}

/** What a route is, for the server and for the document. */
export interface AdminRoute<Shape extends CallShape = CallShape> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  /** What the caller's token must let it do. */
  readonly scope: AdminScope;
  /** The action that stands in the audit trail; undefined for what changes nothing. */
  readonly action?: string;
  readonly tag: string;
  readonly name: string;
  readonly summary: string;
  readonly params?: JsonSchema;
  readonly query?: JsonSchema;
  readonly body?: JsonSchema;
  /** The largest body, in bytes. */
  readonly bodyBytesMax?: number;
  readonly answers: JsonSchema;
  /** Statuses beside those that every route has, and when they come. */
  readonly problems?: Readonly<Record<number, string>>;
  readonly handle: (call: Call<Shape>) => unknown;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Undefined for what everybody may see. */
    scope?: AdminScope;
    action?: string | undefined;
  }
  interface FastifyRequest {
    /** Set for whoever was let in. */
    caller: AdminCaller | undefined;
  }
}

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'Something in the request is wrong; `detail` names it.',
  401: 'There is no valid token.',
  403: 'The token lacks the scope.',
  503: 'The broker did not answer in time.',
};

/** A route with the types of what its schemas let through. */
export function route<Shape extends CallShape>(definition: AdminRoute<Shape>): AdminRoute {
  return definition as AdminRoute;
}

/** Has the server answer a route. */
export function addRoute(app: FastifyInstance, definition: AdminRoute): void {
  const { method, url, scope, action, bodyBytesMax, handle } = definition;
  app.route({
    ...{ method, url, schema: schemaOf(definition), config: { scope, action } },
    ...(bodyBytesMax === undefined ? {} : { bodyLimit: bodyBytesMax }),
    handler: (request) => handle(callOf(request)),
  });
}

function callOf(request: FastifyRequest): Call {
  const { params, query, body, caller } = request;
  // Without a scope check no handler is reached.
  if (caller === undefined) throw new Error('a request was handled that was never let in');
  return { params, query, body, caller, isPrivate: isPrivate(request) };
}

function isPrivate({ protocol, ip }: FastifyRequest): boolean {
  return protocol === 'https' || LOOPBACK.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

function schemaOf({ scope, params, query, body, answers, problems, ...route }: AdminRoute): FastifySchema {
  const failures = Object.entries({ ...PROBLEMS, ...problems }).map(([status, description]) => [
    status,
    { description, content: { 'application/problem+json': { schema: problemSchema } } },
  ]);
  return {
    operationId: route.name,
    tags: [route.tag],
    summary: route.summary,
    description: `Takes a token with the scope \`${scope}\`.${auditNote(route.action)}`,
    security: [{ token: [] }],
    params: params ?? objectOf({}),
    querystring: query ?? objectOf({}),
    ...(body === undefined ? {} : { body }),
    response: { 200: { description: 'Done.', ...answers }, ...Object.fromEntries(failures) },
  };
}

function auditNote(action: string | undefined): string {
  return action === undefined ? '' : ` The audit trail tells of it: \`admin.action\` with \`${action}\`.`;
}

const problemSchema = {
  type: 'object',
  description: 'RFC 9457.',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'For programs; stable.' },
    detail: { type: 'string', description: 'What is wrong, where, and what to do about it.' },
    requestId: { type: 'string', description: 'Finds the request in the log and in the audit trail.' },
  },
  required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
};

/** How long an answer waits for the database. Milliseconds. */
const DURABLE_MS_MAX = 3000;

/** Whether a change has become durable, as far as it is worth waiting for. */
export async function isDurable({ durable }: Change): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), DURABLE_MS_MAX)));
  try {
    return await Promise.race([durable.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
