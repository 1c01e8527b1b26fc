import { expect, test } from '@jest/globals';
import type { AuthenticationProvider } from '../../src/application/ports/authentication-provider.js';
import type { Credentials } from '../../src/application/ports/authenticator.js';
import { credentials } from '../support/credentials.js';

/** A provider, and what it is shown. */
export interface ProviderUnderTest {
  readonly provider: AuthenticationProvider;
  /** Of somebody whom it knows by the name `ann`. */
  readonly right: Credentials;
  /** That claim to be ann, and aren't. */
  readonly wrong: Credentials;
  /** Of somebody whom others may know. */
  readonly foreign: Credentials;
}

/** What holds for every provider. */
export function describeProvider(title: string, open: () => ProviderUnderTest): void {
  test(`${title} lets in whom it knows, by the name that was proved`, async () => {
    const { provider, right } = open();
    expect(await provider.decide(right)).toMatchObject({ principal: { name: 'ann' } });
  });

  test(`${title} refuses a wrong proof, and says why in a word that holds no secret`, async () => {
    const { provider, wrong } = open();
    const decision = await provider.decide(wrong);
    expect(decision).toEqual({ refusal: 4, reason: expect.stringMatching(/^[a-z_]{4,40}$/) });
  });

  test(`${title} leaves to others whom it doesn't know, and who shows nothing`, async () => {
    const { provider, foreign } = open();
    expect([await provider.decide(foreign), await provider.decide(credentials())]).toEqual([
      'ignored',
      'ignored',
    ]);
  });

  test(`${title} decides for many at a time, for each by what it shows`, async () => {
    const { provider, right, wrong } = open();
    const shown = Array.from({ length: 12 }, (_, index) => (index % 3 === 0 ? wrong : right));
    const decisions = await Promise.all(shown.map((one) => provider.decide(one)));
    expect(decisions.map((decision) => typeof decision === 'object' && 'principal' in decision)).toEqual(
      shown.map((one) => one === right),
    );
  });
}
