import { type AddressRange, isInRange, parseAddressRange } from '../../domain/access/address-range.js';
import { ConnectCode } from '../../domain/connect-code.js';
import type { AuthenticationResult, Authenticator, Credentials, Refused } from '../ports/authenticator.js';
import type { Clock } from '../ports/clock.js';
import type { Bans } from './bans.js';
import { type FailureLimits, FailureWatch } from './failure-watch.js';

/** How failures are answered. */
export interface GuardSettings extends FailureLimits {
  readonly banMs: number;
  /** Addresses whose failures aren't counted. */
  readonly trusted: readonly AddressRange[];
}

const SWEEP_MS = 60_000;
const BANNED: Refused = { refusal: ConnectCode.notAuthorized, reason: 'banned' };

/** Keeps banned clients from being checked at all, and bans those who fail again and again. */
export class GuardedAuthentication implements Authenticator {
  private readonly failures: FailureWatch;

  constructor(
    private readonly inner: Authenticator,
    private readonly bans: Bans,
    private readonly clock: Clock,
    private settings: GuardSettings,
  ) {
    this.failures = new FailureWatch(settings);
    clock.every(SWEEP_MS, () => this.failures.sweep(clock.nowMs()));
  }

  /** From now on failures are answered like this; what was counted stays. */
  change(settings: GuardSettings): void {
    this.settings = this.failures.limits = settings;
  }

  async authenticate(credentials: Credentials): Promise<AuthenticationResult> {
    const { clientId, remoteAddress } = credentials;
    if (this.bans.keepsOut(remoteAddress, credentials)) return BANNED;
    const result = await this.inner.authenticate(credentials);
    if ('refusal' in result) {
      if (result.refusal === ConnectCode.badUserNameOrPassword) this.failed(credentials);
      return result;
    }
    this.failures.succeeded(remoteAddress, clientId);
    // Only now it is known by what name; and a ban may have come meanwhile.
    const proved = { clientId, userName: result.principal.name };
    return this.bans.keepsOut(remoteAddress, proved) ? BANNED : result;
  }

  private failed({ clientId, remoteAddress }: Credentials): void {
    const { banMs, trusted } = this.settings;
    const address = parseAddressRange(remoteAddress);
    if (trusted.some((range) => isInRange(range, address))) return;
    const verdict = this.failures.failed(remoteAddress, clientId, this.clock.nowMs());
    if (verdict === undefined) return;
    this.bans.impose(remoteAddress, verdict === 'client' ? clientId : undefined, banMs, 'repeated_failures');
  }
}
