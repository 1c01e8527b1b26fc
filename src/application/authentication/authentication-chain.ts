import { ANONYMOUS } from '../../domain/access/principal.js';
import { ConnectCode } from '../../domain/connect-code.js';
import {
  AuthenticationBusy,
  type AuthenticationProvider,
  type ProviderDecision,
} from '../ports/authentication-provider.js';
import type { AuthenticationResult, Authenticator, Credentials, Refused } from '../ports/authenticator.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Reloadable } from '../ports/reloadable.js';
import { ProviderFigures } from './provider-figures.js';

/**
 * Asks one provider after another; the first that decides wins. One that fails has refused: whoever can't be
 * checked is not let in, and the next provider isn't asked, which might know less.
 */
export class AuthenticationChain implements Authenticator, Reloadable {
  readonly name = 'authentication';
  /** By the provider's name. */
  readonly figures: ReadonlyMap<string, ProviderFigures>;
  private readonly asked: readonly (readonly [AuthenticationProvider, ProviderFigures])[];
  /** Names of providers that failed when they were last asked. */
  private readonly failing = new Set<string>();

  constructor(
    private readonly providers: readonly AuthenticationProvider[],
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.asked = providers.map((provider) => [provider, new ProviderFigures()]);
    this.figures = new Map(this.asked.map(([{ name }, figures]) => [name, figures]));
  }

  get files(): readonly string[] {
    return this.providers.flatMap(({ files = [] }) => files);
  }

  /** Has every provider read what it works with; one that can't goes on with what it had. */
  async reload(): Promise<boolean> {
    const outcomes = await Promise.allSettled(
      this.providers.map(async (provider) => (await provider.reload?.()) ?? false),
    );
    const faults = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? String(outcome.reason) : [],
    );
    if (faults.length > 0) throw new Error(faults.join('\n'));
    return outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value);
  }

  async stop(): Promise<void> {
    for (const provider of this.providers) await provider.stop?.();
  }

  async authenticate(credentials: Credentials): Promise<AuthenticationResult> {
    for (const [provider, figures] of this.asked) {
      const decision = await this.ask(provider, figures, credentials);
      if (decision !== 'ignored') return { ...decision, authentication: provider.name };
    }
    return this.undecided(credentials);
  }

  private async ask(
    provider: AuthenticationProvider,
    figures: ProviderFigures,
    credentials: Credentials,
  ): Promise<ProviderDecision> {
    const { name } = provider;
    const beganMs = this.clock.nowMs();
    try {
      const decision = await provider.decide(credentials);
      if (decision === 'ignored') figures.ignored++;
      else if ('refusal' in decision) figures.refused++;
      else figures.accepted++;
      if (this.failing.delete(name)) this.logger.warn('an authentication provider decides again', { name });
      return decision;
    } catch (error) {
      figures.failed++;
      return this.failed(name, error);
    } finally {
      figures.seconds.observe((this.clock.nowMs() - beganMs) / 1000);
    }
  }

  /** A provider that is down fails for every client: it is told once. */
  private failed(name: string, error: unknown): Omit<Refused, 'authentication'> {
    if (error instanceof AuthenticationBusy)
      return { refusal: ConnectCode.serverUnavailable, reason: 'authentication_busy' };
    const reason = error instanceof Error ? error.message : String(error);
    const isNews = !this.failing.has(name);
    this.failing.add(name);
    if (isNews) this.logger.error('an authentication provider fails: it lets nobody in', { name, reason });
    return { refusal: ConnectCode.notAuthorized, reason: 'provider_failed' };
  }

  private undecided({ anonymousAllowed, userName, password }: Credentials): AuthenticationResult {
    const isWithout = userName === undefined && password === undefined;
    // Where nobody checks credentials, showing some changes nothing.
    if (anonymousAllowed && (isWithout || this.providers.length === 0))
      return { principal: ANONYMOUS, authentication: 'anonymous' };
    if (isWithout || this.providers.length === 0)
      return { refusal: ConnectCode.notAuthorized, reason: 'not_authorized' };
    return { refusal: ConnectCode.badUserNameOrPassword, reason: 'unknown_user' };
  }
}
