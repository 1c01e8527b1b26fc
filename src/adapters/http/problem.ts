import { STATUS_CODES } from 'node:http';

import type { FastifyReply } from 'fastify';

/** What went wrong with a request, for people (`detail`) and for programs (`code`): RFC 9457. */
export interface Problem {
  readonly status: number;
  /** Stable, in lower case with underscores. */
  readonly code: string;
  /** What is wrong, where, and what to do about it. */
  readonly detail: string;
}

/** A request that ends in a problem. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, { status, code, detail }: Problem): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title: STATUS_CODES[status],
        status,
        code,
        detail,
        requestId: reply.request.id,
      }),
    );
}

/** Nothing has this name. */
export function notFound(detail: string): ProblemError {
  return new ProblemError({ status: 404, code: 'not_found', detail });
}

/** Something in the request is wrong that its schema can't tell. */
export function badRequest(detail: string): ProblemError {
  return new ProblemError({ status: 400, code: 'invalid_request', detail });
}
