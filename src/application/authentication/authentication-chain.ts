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
import type { Prepared, Reloadable } from '../ports/reloadable.js';
import { ProviderFigures } from './provider-figures.js';

/**
 * Asks one provider after another; the first that decides wins. One that fails has refused: whoever can't be
 * checked is not let in, and the next provider isn't asked, which might know less.
 */
export class AuthenticationChain implements Authenticator, Reloadable {
  readonly name = 'authentication';
  /** By the provider's name, of all that there were since the start: what was counted doesn't vanish. */
  readonly figures = new Map<string, ProviderFigures>();
  /** Names of providers that failed when they were last asked. */
  private readonly failing = new Set<string>();
  private readonly underWay = new Set<Promise<AuthenticationResult>>();
  /** Others were put in their place, and somebody may still be asking them. */
  private readonly leaving = new Set<AuthenticationProvider>();

  constructor(
    private providers: readonly AuthenticationProvider[],
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    for (const { name } of providers) this.figuresOf(name);
  }

  get files(): readonly string[] {
    return this.providers.flatMap(({ files = [] }) => files);
  }

  /** Has every provider read what it works with; one that can't goes on with what it had. */
  reload(): Promise<boolean> {
    return readAll(this.providers);
  }

  /**
   * Makes ready to ask these from then on. Those who are asked already stay as they are, and whoever is being decided
   * about then is decided about by those before.
   * @throws Error that names all that those who are new can't read.
   */
  async prepare(providers: readonly AuthenticationProvider[]): Promise<Prepared> {
    const added = providers.filter((provider) => !this.providers.includes(provider));
    const discard = (): void => void stopAll(added);
    try {
      await readAll(added);
    } catch (error) {
      discard();
      throw error;
    }
    return { apply: () => this.change(providers), discard };
  }

  async stop(): Promise<void> {
    await stopAll([...this.providers, ...this.leaving]);
  }

  async authenticate(credentials: Credentials): Promise<AuthenticationResult> {
    const attempt = this.askEach(this.providers, credentials);
    this.underWay.add(attempt);
    try {
      return await attempt;
    } finally {
      this.underWay.delete(attempt);
    }
  }

  private change(providers: readonly AuthenticationProvider[]): void {
    const gone = this.providers.filter((provider) => !providers.includes(provider));
    this.providers = providers;
    for (const { name } of providers) this.figuresOf(name);
    for (const { name } of gone) this.failing.delete(name);
    void this.stopAfterUse(gone);
  }

  private async stopAfterUse(providers: readonly AuthenticationProvider[]): Promise<void> {
    for (const provider of providers) this.leaving.add(provider);
    await Promise.allSettled(this.underWay);
    await stopAll(providers);
    for (const provider of providers) this.leaving.delete(provider);
  }

  private figuresOf(name: string): ProviderFigures {
    const figures = this.figures.get(name) ?? new ProviderFigures();
    this.figures.set(name, figures);
    return figures;
  }

  private async askEach(
    providers: readonly AuthenticationProvider[],
    credentials: Credentials,
  ): Promise<AuthenticationResult> {
    for (const provider of providers) {
      const decision = await this.ask(provider, credentials);
      if (decision !== 'ignored') return { ...decision, authentication: provider.name };
    }
    return undecided(credentials, providers.length === 0);
  }

  private async ask(provider: AuthenticationProvider, credentials: Credentials): Promise<ProviderDecision> {
    const { name } = provider;
    const figures = this.figuresOf(name);
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
}

/** @param isUnchecked Whether nobody checks credentials: then showing some changes nothing. */
function undecided(
  { anonymousAllowed, userName, password }: Credentials,
  isUnchecked: boolean,
): AuthenticationResult {
  const isWithout = userName === undefined && password === undefined;
  if (anonymousAllowed && (isWithout || isUnchecked))
    return { principal: ANONYMOUS, authentication: 'anonymous' };
  if (isWithout || isUnchecked) return { refusal: ConnectCode.notAuthorized, reason: 'not_authorized' };
  return { refusal: ConnectCode.badUserNameOrPassword, reason: 'unknown_user' };
}

/** @returns whether anything is different. @throws Error with the faults of all. */
async function readAll(providers: readonly AuthenticationProvider[]): Promise<boolean> {
  const outcomes = await Promise.allSettled(
    providers.map(async (provider) => (await provider.reload?.()) ?? false),
  );
  const faults = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : []));
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value);
}

async function stopAll(providers: readonly AuthenticationProvider[]): Promise<void> {
  for (const provider of providers) await provider.stop?.();
}
