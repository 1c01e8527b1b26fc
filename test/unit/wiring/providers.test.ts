import { expect, test } from '@jest/globals';
import type { PasswordChecker } from '../../../src/adapters/auth/password-checker.js';
import type { Config, ProviderConfig } from '../../../src/adapters/config/config.js';
import { AuthenticationChain } from '../../../src/application/authentication/authentication-chain.js';
import { ConfiguredProviders } from '../../../src/wiring/providers.js';
import { ManualClock } from '../../support/manual-clock.js';
import { silentLogger } from '../../support/silent-logger.js';

const naming = (name: string, template = '${cn}'): ProviderConfig => ({
  ...{ type: 'certificate', name, template, requireUserName: false },
});
const listing = (...providers: ProviderConfig[]) => ({ authentication: { providers } }) as unknown as Config;

test('a provider whose settings stay the same stays, wherever it stands in the list', async () => {
  const clock = new ManualClock();
  const parts = { checker: {} as unknown as PasswordChecker, storage: { users: undefined }, clock };
  const providers = new ConfiguredProviders([naming('a'), naming('b')], parts);
  const [a, b] = providers.list;
  const preparer = providers.preparerFor(new AuthenticationChain(providers.list, clock, silentLogger));
  (await preparer.prepare(listing(naming('b', '${dns}'), naming('a')))).apply();
  const [otherB, sameA] = providers.list;
  expect([sameA === a, otherB === b, otherB?.name]).toEqual([true, false, 'b']);
  await preparer.prepare(listing());
  expect(providers.list).toEqual([otherB, sameA]);
});
