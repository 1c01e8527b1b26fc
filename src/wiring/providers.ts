import { CertificateProvider } from '../adapters/auth/certificate-provider.js';
import { JwtProvider } from '../adapters/auth/jwt-provider.js';
import { LdapProvider } from '../adapters/auth/ldap-provider.js';
import type { PasswordChecker } from '../adapters/auth/password-checker.js';
import { PasswordFileProvider } from '../adapters/auth/password-file-provider.js';
import { UserTableProvider } from '../adapters/auth/user-table-provider.js';
import { WebhookProvider } from '../adapters/auth/webhook-provider.js';
import type { ProviderConfig } from '../adapters/config/config.js';
import type { AuthenticationChain } from '../application/authentication/authentication-chain.js';
import type { AuthenticationProvider } from '../application/ports/authentication-provider.js';
import type { Clock } from '../application/ports/clock.js';
import type { Storage } from '../application/ports/storage.js';
import type { ConfigPreparer } from '../reloading.js';

/** What providers share. */
export interface ProviderParts {
  readonly checker: PasswordChecker;
  readonly storage: Pick<Storage, 'users'>;
  readonly clock: Clock;
}

type BySettings = ReadonlyMap<string, AuthenticationProvider>;

/** The providers of the configuration in force. Those whose settings stay the same stay, with all that they know. */
export class ConfiguredProviders {
  private current: BySettings = new Map();

  /** @throws Error when one can't be had. */
  constructor(
    settings: readonly ProviderConfig[],
    private readonly parts: ProviderParts,
  ) {
    this.current = this.made(settings);
  }

  get list(): readonly AuthenticationProvider[] {
    return [...this.current.values()];
  }

  /** Has others asked by the chain when the configuration names others. */
  preparerFor(chain: AuthenticationChain): ConfigPreparer {
    return {
      keys: ['authentication.providers'],
      prepare: async ({ authentication }) => {
        const next = this.made(authentication.providers);
        const prepared = await chain.prepare([...next.values()]);
        const apply = (): void => {
          this.current = next;
          prepared.apply();
        };
        return { ...prepared, apply };
      },
    };
  }

  private made(settings: readonly ProviderConfig[]): BySettings {
    const entries = settings.map((each) => {
      const key = JSON.stringify(each);
      return [key, this.current.get(key) ?? makeProvider(each, this.parts)] as const;
    });
    return new Map(entries);
  }
}

/** The provider that an entry of `authentication.providers` speaks of. @throws Error when it can't be had. */
function makeProvider(
  settings: ProviderConfig,
  { checker, storage, clock }: ProviderParts,
): AuthenticationProvider {
  const name = settings.name ?? settings.type;
  switch (settings.type) {
    case 'passwordFile':
      return new PasswordFileProvider(name, settings.file, checker);
    case 'userTable':
      if (storage.users === undefined)
        throw new Error(`the provider ${name} needs a database: set persistence to postgres`);
      return new UserTableProvider(name, storage.users, checker);
    case 'jwt':
      return new JwtProvider(name, settings, clock);
    case 'certificate':
      return new CertificateProvider(name, settings);
    case 'webhook':
      return new WebhookProvider(name, settings, clock);
    case 'ldap':
      return new LdapProvider(name, settings);
  }
}
