import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Administration, AdminRefusal } from '../../application/administration/administration.js';
import { type AdminTokens, scopeIncludes } from '../../application/ports/admin-tokens.js';
import type { MisbehaviourLog } from '../../application/ports/misbehaviour-log.js';
import { sendProblem } from './problem.js';

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
    request.caller = { name, address: request.ip, requestId: request.id };
  }

  private refuse(
    { ip: address, id: requestId }: FastifyRequest,
    reply: FastifyReply,
    reason: AdminRefusal,
    detail: string,
    name?: string,
  ): void {
    this.administration.refused(reason, name === undefined ? { address } : { address, name });
    const fields = { refusal: reason, requestId, remoteAddress: address, token: name };
    this.misbehaviour.report('admin_refused', 'admin request refused', fields);
    const status = reason === 'missing_scope' ? 403 : 401;
    if (status === 401) void reply.header('www-authenticate', 'Bearer realm="surety"');
    sendProblem(reply, { status, code: reason, detail });
  }
}
