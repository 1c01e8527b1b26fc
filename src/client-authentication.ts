import type { PasswordChecker } from './adapters/auth/password-checker.js';
import type { AuthenticationChain } from './application/authentication/authentication-chain.js';
import type { Bans } from './application/authentication/bans.js';
import type { RevokeUsers } from './application/authentication/revoke-users.js';
import type { RecordAdminActions } from './application/record-admin-actions.js';

/** What decides who gets in, as far as it has to be started and stopped. */
export interface ClientAuthenticationParts {
  readonly chain: AuthenticationChain;
  readonly passwords: PasswordChecker;
  readonly bans: Bans;
  /** Undefined where there is no database. */
  readonly adminActions: RecordAdminActions | undefined;
  readonly revokeUsers: RevokeUsers | undefined;
}

/** Starts and stops what decides who gets in. */
export class ClientAuthentication {
  constructor(private readonly parts: ClientAuthenticationParts) {}

  /** Before the first client. @throws Error that says what to do. */
  async start(): Promise<void> {
    const { adminActions, bans, chain, revokeUsers } = this.parts;
    await chain.reload();
    await bans.start();
    await adminActions?.start();
    revokeUsers?.start();
  }

  async stop(): Promise<void> {
    this.parts.bans.stop();
    await this.parts.passwords.stop();
    await this.parts.chain.stop();
  }
}
