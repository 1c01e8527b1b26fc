/** What kept the database from being ready; stable, so that scripts and tests can tell them apart. */
export type StartFailureCode =
  | 'embedded-server-missing'
  | 'embedded-server-unusable'
  | 'data-directory-unusable'
  | 'data-directory-foreign'
  | 'data-directory-version'
  | 'account-missing'
  | 'disk-full'
  | 'address-taken'
  | 'server-died'
  | 'server-busy'
  | 'another-broker'
  | 'database-url-invalid'
  | 'database-unreachable'
  | 'database-not-ready'
  | 'database-missing'
  | 'database-refused'
  | 'database-unsuitable'
  | 'tls-failed'
  | 'migration-invalid'
  | 'migration-failed'
  | 'schema-newer';

/**
 * The broker can't start, or go on, with the database it was given. The message is for the operator: it says
 * what is wrong and what to do about it, and carries no password.
 */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';

  constructor(
    readonly code: StartFailureCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The `code` of a system or driver error, such as `EACCES` or `28P01`; empty where there is none. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** Whether a failure says that another broker has taken the database over. */
export function isSuperseded(error: unknown): error is StartFailure {
  return error instanceof StartFailure && error.code === 'another-broker';
}
