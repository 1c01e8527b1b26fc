import type { AuditActor, AuditDetails } from '../../domain/audit/audit-event.js';

/** Who asks for a change that isn't a client's, as the audit trail tells it. */
export interface AdminCaller extends Pick<AuditActor, 'address' | 'listener'> {
  /** The name of a token, or of a user of the operating system. */
  readonly principal: string;
  readonly authentication: 'admin_token' | 'command_line';
  /** Finds the request in the log; undefined for a command that does without the broker. */
  readonly requestId?: string | undefined;
  /** The user of the operating system who has given a command that came by the token of this machine, as the command says. */
  readonly operator?: string | undefined;
}

/** What the audit trail tells of a caller beside who it is. */
export function callerDetails({ requestId, operator }: AdminCaller): AuditDetails {
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(operator === undefined ? {} : { operator }),
  };
}
