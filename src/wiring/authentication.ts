import { Container } from 'inversify';

import { HashingThreads } from '../adapters/auth/hashing-threads.js';
import { PasswordChecker } from '../adapters/auth/password-checker.js';
import type { PasswordVerifier } from '../adapters/auth/password-verifier.js';
import type { Config } from '../adapters/config/config.js';
import { AuditRecorder } from '../application/audit-recorder.js';
import { AuthenticationChain } from '../application/authentication/authentication-chain.js';
import { Bans } from '../application/authentication/bans.js';
import { ExpireCredentials } from '../application/authentication/expire-credentials.js';
import { GuardedAuthentication } from '../application/authentication/guarded-authentication.js';
import { RevokeUsers } from '../application/authentication/revoke-users.js';
import { BrokerState } from '../application/broker-state.js';
import { EndConnection } from '../application/end-connection.js';
import type { Clock } from '../application/ports/clock.js';
import type { Logger } from '../application/ports/logger.js';
import type { Storage } from '../application/ports/storage.js';
import { RecordAdminActions } from '../application/record-admin-actions.js';
import { ClientAuthentication } from '../client-authentication.js';
import { parseAddressRange } from '../domain/access/address-range.js';
import type { ConfigApplier } from '../reloading.js';
import { ConfiguredProviders } from './providers.js';
import { type DatabaseWatch, Own, T } from './tokens.js';

/** Binds those who decide who gets in, and who stays. */
export function bindAuthentication(container: Container): void {
  container.bind(T.passwordVerifier).toResolvedValue(() => new HashingThreads());
  container
    .bind(Own.passwordChecker)
    .toResolvedValue(
      (verifier: PasswordVerifier, { authentication }: Config) =>
        new PasswordChecker(verifier, authentication.passwords),
      [T.passwordVerifier, T.config],
    );
  container
    .bind(Own.providers)
    .toResolvedValue(
      ({ authentication }: Config, checker: PasswordChecker, storage: Storage, clock: Clock) =>
        new ConfiguredProviders(authentication.providers, { checker, storage, clock }),
      [T.config, Own.passwordChecker, T.storage, T.clock],
    );
  container
    .bind(Own.authentication)
    .toResolvedValue(
      ({ list }: ConfiguredProviders, clock: Clock, logger: Logger) =>
        new AuthenticationChain(list, clock, logger),
      [Own.providers, T.clock, T.logger],
    );
  container
    .bind(Own.configPreparer)
    .toResolvedValue(
      (providers: ConfiguredProviders, chain: AuthenticationChain) => providers.preparerFor(chain),
      [Own.providers, Own.authentication],
    );
  container.bind(Own.reloadable).toService(Own.authentication);
  container
    .bind(Own.bans)
    .toResolvedValue(
      (
        state: BrokerState,
        { bans: store }: Storage,
        endConnection: EndConnection,
        audit: AuditRecorder,
        clock: Clock,
        logger: Logger,
      ) => new Bans({ state, store, endConnection, audit, clock, logger }),
      [Own.state, T.storage, Own.endConnection, Own.audit, T.clock, T.logger],
    );
  container
    .bind(Own.guard)
    .toResolvedValue(
      (chain: AuthenticationChain, bans: Bans, clock: Clock, { authentication }: Config) =>
        new GuardedAuthentication(chain, bans, clock, guardSettings(authentication.failures)),
      [Own.authentication, Own.bans, T.clock, T.config],
    );
  container.bind(T.authenticator).toService(Own.guard);
  container.bind(Own.configApplier).toResolvedValue(
    (guard: GuardedAuthentication): ConfigApplier => ({
      keys: ['authentication.failures'],
      apply: ({ authentication }) => guard.change(guardSettings(authentication.failures)),
    }),
    [Own.guard],
  );
  container
    .bind(Own.expireCredentials)
    .toResolvedValue(
      (endConnection: EndConnection) => new ExpireCredentials(endConnection),
      [Own.endConnection],
    );
  bindClientAuthentication(container);
}

function bindClientAuthentication(container: Container): void {
  container.bind(Own.databaseWatch).toResolvedValue(
    (
      { users, adminInbox, trail }: Storage,
      { authentication }: Config,
      state: BrokerState,
      endConnection: EndConnection,
      logger: Logger,
    ) => {
      const providers = (): ReadonlySet<string> => tablesOf(authentication);
      const parts = adminInbox && { adminInbox, state, endConnection, logger, providers };
      return {
        adminActions: adminInbox && new RecordAdminActions(adminInbox, trail, logger),
        revokeUsers: users && parts && new RevokeUsers({ ...parts, users }),
      };
    },
    [T.storage, T.config, Own.state, Own.endConnection, T.logger],
  );
  container
    .bind(Own.clientAuthentication)
    .toResolvedValue(
      (chain: AuthenticationChain, passwords: PasswordChecker, bans: Bans, watch: DatabaseWatch) =>
        new ClientAuthentication({ chain, passwords, bans, ...watch }),
      [Own.authentication, Own.passwordChecker, Own.bans, Own.databaseWatch],
    );
}

function tablesOf({ providers }: Config['authentication']): ReadonlySet<string> {
  return new Set(providers.flatMap(({ type, name }) => (type === 'userTable' ? [name ?? type] : [])));
}

function guardSettings({
  trustedAddresses,
  withinSeconds,
  banSeconds,
  ...limits
}: Config['authentication']['failures']) {
  const trusted = trustedAddresses.flatMap((text) => parseAddressRange(text) ?? []);
  return { ...limits, withinMs: withinSeconds * 1000, banMs: banSeconds * 1000, trusted };
}
