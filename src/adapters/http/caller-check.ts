import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Administration, AdminRefusal } from '../../application/administration/administration.js';
import { type AdminTokens, LOCAL_TOKEN_NAME, scopeIncludes } from '../../application/ports/admin-tokens.js';
import type { MisbehaviourLog } from '../../application/ports/misbehaviour-log.js';
import { sendProblem } from './problem.js';

/** What stands in records for the listener that administrators come by. */
const ADMIN_LISTENER = 'admin';

/** Lets in who has a token with the scope that the route takes, before anything else of the request is looked at. */
export class CallerCheck {
  constructor(
    private readonly tokens: AdminTokens,
    private readonly administration: Administration,
    private readonly misbehaviour: MisbehaviourLog,
  ) {}

  /** Answers the request if it is refused. */
  async check(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { scope } = request.routeOptions.config;
    // What has no scope is for everybody: the document, and the answer that there is no such route.
    if (scope === undefined) return;
    const secret = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (secret === undefined)
      return this.refuse(request, reply, 'no_token', 'send a token: "Authorization: Bearer ..."');
    const token = await this.tokens.find(secret);
    if (token === undefined)
      return this.refuse(
        request,
        reply,
        'unknown_token',
        'nobody has this token: it was revoked, or is wrong',
      );
    const { name } = token;
    if (!scopeIncludes(token.scope, scope)) {
      const detail = `the token "${name}" has the scope ${token.scope}, and this takes ${scope}`;
      return this.refuse(request, reply, 'missing_scope', detail, name);
    }
    const actor = { address: request.ip, listener: ADMIN_LISTENER, requestId: request.id };
    const operator = name === LOCAL_TOKEN_NAME ? operatorIn(request.headers) : undefined;
    request.caller = { principal: name, authentication: 'admin_token', ...actor, operator };
  }

  private refuse(
    { ip: address, id: requestId }: FastifyRequest,
    reply: FastifyReply,
    reason: AdminRefusal,
    detail: string,
    principal?: string,
  ): void {
    const known = principal === undefined ? {} : { principal, authentication: 'admin_token' };
    this.administration.refused(reason, { ...known, address, listener: ADMIN_LISTENER });
    const fields = { refusal: reason, requestId, remoteAddress: address, token: principal };
    this.misbehaviour.report('admin_refused', 'admin request refused', fields);
    const status = reason === 'missing_scope' ? 403 : 401;
    if (status === 401) void reply.header('www-authenticate', 'Bearer realm="surety"');
    sendProblem(reply, { status, code: reason, detail });
  }
}

/** Who has given a command on this machine: whoever has its token may say so, and could do everything anyway. */
function operatorIn({ 'x-surety-operator': header }: FastifyRequest['headers']): string | undefined {
  return typeof header === 'string' && /^[\w.@+-]{1,64}$/.test(header) ? header : undefined;
}
