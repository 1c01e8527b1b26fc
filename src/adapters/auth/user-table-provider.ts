import type {
  AuthenticationProvider,
  ProviderDecision,
} from '../../application/ports/authentication-provider.js';
import type { Credentials } from '../../application/ports/authenticator.js';
import type { UserPasswords } from '../../application/ports/user-passwords.js';
import { named } from '../../domain/access/principal.js';
import type { PasswordChecker } from './password-checker.js';
import { decoyOf, parsePasswordHash } from './password-hash.js';
import { refused } from './refused.js';

/** Users and their passwords in the database. */
export class UserTableProvider implements AuthenticationProvider {
  private readonly decoy = decoyOf(undefined);

  constructor(
    readonly name: string,
    private readonly users: UserPasswords,
    private readonly checker: PasswordChecker,
  ) {}

  async decide({ userName, password, isAwaited }: Credentials): Promise<ProviderDecision> {
    if (userName === undefined || password === undefined) return 'ignored';
    const user = await this.users.find(userName);
    const stored = user && parsePasswordHash(user.passwordHash);
    if (user !== undefined && stored === undefined)
      throw new Error(`the table has no valid hash for the user ${userName}: set the password anew`);
    // Who isn't there takes as long as who is: names can't be found out by the time.
    const isRight = await this.checker.check(stored ?? this.decoy, password, isAwaited);
    if (user === undefined) return 'ignored';
    if (!isRight) return refused('wrong_password');
    return user.isDisabled ? refused('user_disabled') : { principal: named(userName) };
  }
}
