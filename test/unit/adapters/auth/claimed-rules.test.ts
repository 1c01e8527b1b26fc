import { describe, expect, test } from '@jest/globals';
import { claimedPrincipal } from '../../../../src/adapters/auth/claimed-rules.js';

/** What is made of rules, or of roles, that an issuer claims; undefined when the whole claim is refused. */
const rulesOf = (raw: unknown) => claimedPrincipal('ann', undefined, raw, 'token')?.rules;
const rolesOf = (raw: unknown) => claimedPrincipal('ann', raw, undefined, 'token')?.roles;
const rule = (changes: object) => [{ actions: ['publish'], filter: 'a/b', ...changes }];

describe('claimed rules', () => {
  test('allow unless they say otherwise, and name where they come from', () => {
    expect(rulesOf([...rule({}), ...rule({ effect: 'deny', qosMax: 1 })])).toEqual([
      {
        effect: 'allow',
        actions: ['publish'],
        filter: 'a/b',
        qosMax: undefined,
        provider: 'token',
        source: 'token',
      },
      { effect: 'deny', actions: ['publish'], filter: 'a/b', qosMax: 1, provider: 'token', source: 'token' },
    ]);
  });

  test.each([
    [['read'], ['subscribe', 'receive']],
    [['write'], ['publish', 'retain', 'will']],
    [
      ['read', 'receive', 'publish'],
      ['subscribe', 'receive', 'publish'],
    ],
    [['all'], ['publish', 'subscribe', 'receive', 'retain', 'will']],
  ])('with the actions %j speak of %j', (words, actions) => {
    expect(rulesOf(rule({ actions: words }))).toMatchObject([{ actions }]);
  });

  test.each(['a/%c/#', '%u/+', '+/b', '#'])('have the filter %s as any other rule', (filter) => {
    expect(rulesOf(rule({ filter }))).toMatchObject([{ filter }]);
  });

  test.each([
    ['no list', { actions: [], filter: 'a' }],
    ['no rule', ['publish']],
    ['no actions', rule({ actions: [] })],
    ['an unknown action', rule({ actions: ['publish', 'fly'] })],
    ['a word that every object knows', rule({ actions: ['constructor'] })],
    ['a wildcard beside a name', rule({ filter: 'a/+%c' })],
    ['a wildcard that is not alone', rule({ filter: 'a/b#' })],
    ['an empty filter', rule({ filter: '' })],
    ['a filter that is too deep', rule({ filter: '/'.repeat(128) })],
    ['an unknown effect', rule({ effect: 'maybe' })],
    ['a quality that is none', rule({ qosMax: 3 })],
    ['one of them wrong', [...rule({}), ...rule({ filter: '#/a' })]],
    ['too many', Array.from({ length: 1001 }, () => rule({})[0])],
  ])('with %s are none at all', (_, raw) => {
    expect(claimedPrincipal('ann', undefined, raw, 'token')).toBeUndefined();
  });
});

test.each([
  [undefined, []],
  [null, []],
  ['a b', ['a', 'b']],
  [
    ['a', 'b c'],
    ['a', 'b c'],
  ],
  [['a', 1], undefined],
  [7, undefined],
])('the roles %j are %j', (raw, roles) => {
  expect(rolesOf(raw)).toEqual(roles);
});
