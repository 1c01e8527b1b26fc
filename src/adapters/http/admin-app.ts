import { randomUUID } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';

import swagger from '@fastify/swagger';
import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';

import type {
  Administration,
  ManageBans,
  ManageRoles,
  ManageUsers,
} from '../../application/administration/administration.js';
import type { AccessExplainer } from '../../application/ports/access-explainer.js';
import type { AdminTokens } from '../../application/ports/admin-tokens.js';
import type { AuditArchive } from '../../application/ports/audit-archive.js';
import type { ClientTraces } from '../../application/ports/client-traces.js';
import type { LogLevels } from '../../application/ports/log-levels.js';
import type { Logger } from '../../application/ports/logger.js';
import type { MisbehaviourLog } from '../../application/ports/misbehaviour-log.js';
import { addRoute, type AdminRoute } from './admin-route.js';
import { CallerCheck } from './caller-check.js';
import { openApiOptions } from './openapi.js';
import { ProblemError, sendProblem } from './problem.js';
import { auditRoutes } from './routes/audit-routes.js';
import { type AboutBroker, brokerRoutes, tokenRoutes } from './routes/broker-routes.js';
import { banRoutes } from './routes/ban-routes.js';
import { clientRoutes } from './routes/client-routes.js';
import { explainRoutes } from './routes/explain-routes.js';
import { roleRoutes } from './routes/role-routes.js';
import { sessionRoutes } from './routes/session-routes.js';
import { publishRoutes, retainedRoutes, subscriptionRoutes } from './routes/topic-routes.js';
import { traceRoutes } from './routes/trace-routes.js';
import { userRoutes } from './routes/user-routes.js';

/** What the admin API works with. */
export interface AdminParts {
  readonly administration: Administration;
  /** Undefined where there is no database, as roles are. */
  readonly users: ManageUsers | undefined;
  readonly roles: ManageRoles | undefined;
  readonly bans: ManageBans;
  readonly explainer: AccessExplainer;
  readonly tokens: AdminTokens;
  readonly archive: AuditArchive;
  readonly logs: LogLevels;
  readonly traces: Pick<ClientTraces, 'start' | 'stop' | 'list'>;
  readonly about: AboutBroker;
  readonly logger: Logger;
  readonly misbehaviour: MisbehaviourLog;
  readonly packetBytesMax: number;
}

const BODY_BYTES_MAX = 65_536;
/** Client ids and topics of 65,535 bytes stand percent-encoded in the URL. */
const HEADER_BYTES_MAX = 262_144;
/** How long a request may take to come in, and its answer to be made. Milliseconds. */
const REQUEST_MS_MAX = 10_000;
const ANSWER_MS_MAX = 30_000;
const IDLE_MS_MAX = 60_000;

/** Every route of the API. */
export function adminRoutes(parts: AdminParts): readonly AdminRoute[] {
  const { administration, about, archive, logs, packetBytesMax, tokens, traces } = parts;
  const { bans, explainer, roles, users } = parts;
  return [
    ...brokerRoutes(administration, about, logs),
    ...clientRoutes(administration),
    ...sessionRoutes(administration),
    ...subscriptionRoutes(administration),
    ...retainedRoutes(administration),
    ...publishRoutes(administration, packetBytesMax),
    ...banRoutes(administration, bans),
    ...userRoutes(administration, users),
    ...roleRoutes(administration, roles),
    ...explainRoutes(administration, explainer),
    ...traceRoutes(administration, traces),
    ...auditRoutes(administration, archive),
    ...tokenRoutes(administration, tokens),
  ];
}

/** The API as a server that doesn't listen yet. @param https The certificate and its key; undefined for plain HTTP. */
export async function adminApp(parts: AdminParts, https?: SecureContextOptions): Promise<FastifyInstance> {
  const app = fastify({
    ...(https === undefined ? {} : { https }),
    http: { maxHeaderSize: HEADER_BYTES_MAX },
    ...{ bodyLimit: BODY_BYTES_MAX, requestTimeout: REQUEST_MS_MAX, handlerTimeout: ANSWER_MS_MAX },
    ...{ connectionTimeout: IDLE_MS_MAX, forceCloseConnections: true, exposeHeadRoutes: false },
    routerOptions: { maxParamLength: HEADER_BYTES_MAX },
    genReqId: () => randomUUID(),
    // Nothing is left out of what was sent: a field that we don't know is the caller's mistake.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: 'array', allErrors: false } },
  }) as unknown as FastifyInstance;
  const { administration, logger, misbehaviour, tokens } = parts;
  const check = new CallerCheck(tokens, administration, misbehaviour);
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('caller', undefined);
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id).header('cache-control', 'no-store');
    await check.check(request, reply);
  });
  app.addHook('onResponse', async (request, reply) => logRequest(logger, request, reply));
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply, logger));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, {
      status: 404,
      code: 'no_such_route',
      detail: `there is no ${request.method} ${request.url.split('?')[0] ?? ''}: GET /openapi.json lists what there is`,
    }),
  );
  await app.register(swagger, openApiOptions(parts.about.version));
  for (const definition of adminRoutes(parts)) addRoute(app, definition);
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  return app;
}

/** What changes something is told at `info`, all else at `debug`. */
function logRequest(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const { id: requestId, method, url, caller, ip: remoteAddress } = request;
  const fields = {
    requestId,
    method,
    url,
    status: reply.statusCode,
    token: caller?.principal,
    remoteAddress,
  };
  const isChange = request.routeOptions.config.action !== undefined && caller !== undefined;
  logger[isChange ? 'info' : 'debug']('admin request', fields);
}

/** No answer says more of a fault of ours than that it is one. */
function answerError(
  error: FastifyError | ProblemError,
  { id: requestId, method, url }: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  if (error instanceof ProblemError) return sendProblem(reply, error.problem);
  if (error.validation !== undefined) {
    const extra = error.validation[0]?.params['additionalProperty'];
    const detail = typeof extra === 'string' ? `${error.message}: ${extra}` : error.message;
    return sendProblem(reply, { status: 400, code: 'invalid_request', detail });
  }
  if (error.code === 'FST_ERR_HANDLER_TIMEOUT') {
    const detail = `there was no answer within ${ANSWER_MS_MAX / 1000} s: GET /v1/status says how the broker does`;
    return sendProblem(reply, { status: 503, code: 'timeout', detail });
  }
  const status = error.statusCode ?? 500;
  if (status < 500) {
    const detail = error.message;
    return sendProblem(reply, { status, code: 'invalid_request', detail });
  }
  logger.error('an admin request failed', { requestId, method, url, error: error.stack ?? String(error) });
  const detail = `the broker failed to answer: its log has the reason under the request id ${requestId}`;
  return sendProblem(reply, { status: 500, code: 'internal_error', detail });
}
