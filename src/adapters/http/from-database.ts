import type { Administration } from '../../application/administration/administration.js';
import { ProblemError } from './problem.js';

/**
 * Asks something of what stands in the database. @param part Undefined where there is no database.
 * @throws ProblemError when there is none, or it doesn't answer.
 */
export async function fromDatabase<Part, T>(
  administration: Administration,
  part: Part | undefined,
  ask: (part: Part) => Promise<T>,
): Promise<T> {
  if (part === undefined) {
    const detail = 'persistence is memory, and this stands in the database: set persistence: postgres';
    throw new ProblemError({ status: 409, code: 'no_database', detail });
  }
  requireStore(administration);
  return ask(part).catch((error: unknown) => {
    throw error instanceof ProblemError ? error : storeUnavailable('the database could not be asked', error);
  });
}

/** @throws ProblemError while the database is away. */
export function requireStore({ storeFailure }: Administration): void {
  if (storeFailure !== undefined) throw storeUnavailable('the database is away', storeFailure);
}

/** Something can't be had just now. */
export function storeUnavailable(what: string, cause: unknown): ProblemError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const detail = `${what}: ${reason}; try again when GET /v1/status says ready`;
  return new ProblemError({ status: 503, code: 'store_unavailable', detail });
}
