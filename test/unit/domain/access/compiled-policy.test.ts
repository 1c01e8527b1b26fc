import { describe, expect, test } from '@jest/globals';
import {
  type AccessPolicy,
  type AccessRequest,
  DENIED,
} from '../../../../src/domain/access/access-policy.js';
import { AclRules } from '../../../../src/domain/access/acl-rules.js';
import { PolicyCompiler } from '../../../../src/domain/access/policy-compiler.js';
import { named } from '../../../../src/domain/access/principal.js';
import { RoleRules } from '../../../../src/domain/access/role-rules.js';
import { type AccessRule, DECIDERS } from '../../../../src/domain/access/access-rule.js';
import type { ClientId } from '../../../../src/domain/client-id.js';
import { rule } from '../../../support/access-rules.js';
import { makeMessage, topicName } from '../../../support/make-message.js';

const acl = (patterns: readonly AccessRule[], users: Record<string, readonly AccessRule[]> = {}) =>
  new AclRules({ anonymous: [], users: new Map(Object.entries(users)), patterns });
const policyOf = (
  rules: readonly AccessRule[],
  { user = 'ann', client = 'c1' }: { user?: string | undefined; client?: string } = {},
): AccessPolicy => new PolicyCompiler([acl(rules)], true).policyFor(named(user), client as ClientId);
const ask = (policy: AccessPolicy, action: AccessRequest['action'], topic: string, qos: 0 | 1 | 2 = 0) =>
  policy.decide({ action, topic, qos });
const may = (policy: AccessPolicy, topic: string, qos: 0 | 1 | 2 = 0, retain = false) =>
  policy.publishAllowedBy(makeMessage(topic, '', qos, retain)) !== DENIED;

describe('a publish', () => {
  test('needs a rule that allows it, and none that denies it', () => {
    const policy = policyOf([rule('allow write a/#'), rule('deny write a/secret')]);
    expect([may(policy, 'a/b'), may(policy, 'a/secret'), may(policy, 'b')]).toEqual([true, false, false]);
    expect(ask(policy, 'publish', 'a/b').rule).toBe('allow write a/# (test)');
    expect(ask(policy, 'publish', 'a/secret').rule).toBe('deny write a/secret (test)');
    expect(ask(policy, 'publish', 'b').rule).toBe('no rule allows it');
  });

  test('is remembered by its topic, and stays what it was however many topics come between', () => {
    const policy = policyOf([rule('allow write %c/+'), rule('deny write +/even')]);
    for (let i = 0; i < 1200; i++) expect(may(policy, `c1/${i}`)).toBe(true);
    expect([may(policy, 'c1/even'), may(policy, 'c1/even'), may(policy, 'c1/0')]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('may have no higher quality than the most generous rule allows', () => {
    const policy = policyOf([rule('allow write a/#', 0), rule('allow write a/b', 1)]);
    expect([0, 1, 2].map((qos) => may(policy, 'a/b', qos as 0))).toEqual([true, true, false]);
    expect([0, 1].map((qos) => may(policy, 'a/c', qos as 0))).toEqual([true, false]);
    expect(ask(policy, 'publish', 'a/b', 2).rule).toBe(
      'QoS 2 is too high: allow write a/b up to QoS 1 (test)',
    );
  });

  test('may be retained only where that is allowed, too, up to the quality that it is', () => {
    const policy = policyOf([rule('allow publish a/#'), rule('allow retain a/kept', 1)]);
    expect([may(policy, 'a/x'), may(policy, 'a/x', 0, true)]).toEqual([true, false]);
    expect([may(policy, 'a/kept', 1, true), may(policy, 'a/kept', 2, true)]).toEqual([true, false]);
    const request = { action: 'publish', topic: 'a/x', qos: 0, retain: true } as const;
    expect(policy.decide(request)).toMatchObject({ isAllowed: false, rule: 'no rule allows it' });
  });

  test('is allowed by whose rule lets it be published, retained or not, and denied by nobody’s', () => {
    const mayRetain: AccessRule = { ...rule('allow retain a'), provider: 'token' };
    const policy = policyOf([{ ...rule('allow publish a', 1), provider: 'aclFile' }, mayRetain]);
    const allowedBy = (topic: string, qos: 0 | 1 | 2, retain: boolean) =>
      policy.publishAllowedBy(makeMessage(topic, '', qos, retain));
    const aclFile = DECIDERS.indexOf('aclFile');
    expect([allowedBy('a', 1, false), allowedBy('a', 0, true)]).toEqual([aclFile, aclFile]);
    expect([allowedBy('a', 2, true), allowedBy('b', 0, false)]).toEqual([DENIED, DENIED]);
  });
});

test('a will needs to be allowed as a publish, as a will and, if it is retained, as that', () => {
  const policy = policyOf([rule('allow publish,will a'), rule('allow will b'), rule('allow publish c')]);
  const retained = policy.decide({ action: 'will', topic: 'a', qos: 0, retain: true });
  expect(['a', 'b', 'c'].map((topic) => ask(policy, 'will', topic).isAllowed)).toEqual([true, false, false]);
  expect(retained.isAllowed).toBe(false);
});

describe('a subscription', () => {
  test('needs a rule that covers all of its filter', () => {
    const policy = policyOf([rule('allow read a/+'), rule('allow read b/#')]);
    const granted = ['a/+', 'a/x', 'b', 'b/+/x', 'b/#'].map((f) => ask(policy, 'subscribe', f).isAllowed);
    expect(granted).toEqual([true, true, true, true, true]);
    const refused = ['a/#', 'a', '#', '+/x', '+/#'].map((f) => ask(policy, 'subscribe', f).isAllowed);
    expect(refused).toEqual([false, false, false, false, false]);
  });

  test('that rules deny a part of is granted, and that part held back at delivery', () => {
    const policy = policyOf([rule('allow read #'), rule('deny subscribe secret/#')]);
    expect(ask(policy, 'subscribe', '#')).toMatchObject({ isAllowed: true, isPartial: true });
    expect(ask(policy, 'subscribe', 'a/#')).toMatchObject({ isAllowed: true, isPartial: false });
    expect(ask(policy, 'subscribe', 'secret/+')).toMatchObject({
      ...{ isAllowed: false, rule: 'deny subscribe secret/# (test)' },
    });
    expect([policy.mayReceive(topicName('secret/x')), policy.mayReceive(topicName('a'))]).toEqual([
      false,
      true,
    ]);
  });

  test('that may be made and not received of is asked about at delivery', () => {
    const policy = policyOf([rule('allow subscribe a/#'), rule('allow receive a/b')]);
    expect(ask(policy, 'subscribe', 'a/#').isPartial).toBe(true);
    expect(ask(policy, 'subscribe', 'a/b').isPartial).toBe(false);
  });

  test('is granted at the quality that its rule allows', () => {
    expect(ask(policyOf([rule('allow read a', 1)]), 'subscribe', 'a', 2)).toMatchObject({
      ...{ isAllowed: true, qosMax: 1 },
    });
  });

  test('reaches $ topics only by rules that name them', () => {
    const policy = policyOf([rule('allow read #')]);
    expect(ask(policy, 'subscribe', '$SYS/#').isAllowed).toBe(false);
  });
});

describe('%c and %u', () => {
  test('stand for the client id and the user name', () => {
    const policy = policyOf([rule('allow write dev/%c/%u/x-%c')]);
    expect([may(policy, 'dev/c1/ann/x-c1'), may(policy, 'dev/c2/ann/x-c2')]).toEqual([true, false]);
  });

  test.each(['+', '#', 'a/b', 'a+', '/'])('match nothing for a client that is called %j', (client) => {
    const policy = policyOf([rule('allow all %c'), rule('allow all x/%c/#')], { client });
    for (const topic of ['c1', 'a', 'b', 'a/b', 'x', 'x/a', 'x/a/b', 'x//'])
      expect(may(policy, topic)).toBe(false);
    for (const filter of ['+', '#', 'x/#', client])
      expect(ask(policy, 'subscribe', filter).isAllowed).toBe(false);
  });

  test('make no topic that begins with $', () => {
    const policy = policyOf([rule('allow all %u/#'), rule('allow all x/%u')], { user: '$SYS' });
    expect(ask(policy, 'subscribe', '$SYS/#').isAllowed).toBe(false);
    expect(may(policy, 'x/$SYS')).toBe(true);
  });

  test('match nothing for a client without a user name', () => {
    expect(may(policyOf([rule('allow write %u/a')], { user: undefined }), 'undefined/a')).toBe(false);
  });
});

describe('several sources', () => {
  const roles = new RoleRules({
    rules: new Map([
      ['operator', [rule('allow all plant/#')]],
      ['guest', [rule('allow read plant/public'), rule('deny all plant/secret')]],
    ]),
    everyone: ['guest'],
    users: new Map([['ann', ['operator']]]),
    clients: new Map([['panel', ['operator']]]),
  });
  const compile = (user: string | undefined, client: string, more: readonly AccessRule[] = []) =>
    new PolicyCompiler([acl(more), roles], true).policyFor(named(user), client as ClientId);

  test('add up, and one that denies wins over all that allow', () => {
    const policy = compile('ann', 'c', [rule('allow write plant/secret'), rule('allow write other')]);
    expect(['plant/1', 'other', 'plant/secret'].map((t) => may(policy, t))).toEqual([true, true, false]);
  });

  test('give roles by user name, by client id, by proof and to everyone', () => {
    const proof = { name: 'x', roles: ['operator'], rules: undefined };
    const byProof = new PolicyCompiler([roles], true).policyFor(proof, 'c' as ClientId);
    expect(
      [compile('ann', 'c'), compile('bob', 'panel'), byProof, compile('bob', 'c')].map((p) =>
        may(p, 'plant/1'),
      ),
    ).toEqual([true, true, true, false]);
    expect(ask(compile(undefined, 'c'), 'subscribe', 'plant/public').isAllowed).toBe(true);
  });

  test('share what they compile to between clients with the same rules', () => {
    const compiler = new PolicyCompiler([roles], true);
    const one = compiler.policyFor(named('ann'), 'c1' as ClientId);
    expect(compiler.policyFor(named('ann'), 'c2' as ClientId)).toBe(one);
    expect(compiler.policyFor(named('bob'), 'c2' as ClientId)).not.toBe(one);
  });

  test('decide the same however many roles a client has', () => {
    const names = Array.from({ length: 40 }, (_, i) => `role-${i}`);
    const rules = new Map(
      names.map((name, i) => [name, [rule(`allow all ${name}/%c`), rule(`deny all +/x${i}`)]]),
    );
    const book = new RoleRules({ rules, everyone: names, users: new Map(), clients: new Map() });
    const policy = new PolicyCompiler([book], true).policyFor(named('ann'), 'c1' as ClientId);
    expect(['role-7/c1', 'role-7/c2', 'role-7/x3'].map((t) => may(policy, t))).toEqual([true, false, false]);
    const other = new PolicyCompiler([book], true).policyFor(named('ann'), 'c2' as ClientId);
    expect(may(other, 'role-7/c2')).toBe(true);
  });

  test('have rules that came with a proof beside them', () => {
    const principal = {
      name: 'x',
      roles: [],
      rules: [rule('allow write %c'), rule('deny read plant/public')],
    };
    const policy = new PolicyCompiler([roles], true).policyFor(principal, 'me' as ClientId);
    expect([may(policy, 'me'), ask(policy, 'subscribe', 'plant/public').isAllowed]).toEqual([true, false]);
  });
});

describe('without a source of rules', () => {
  const compiler = new PolicyCompiler([], false);

  test('everything is allowed', () => {
    expect(may(compiler.policyFor(named('x'), 'c' as ClientId), 'any', 2, true)).toBe(true);
  });

  test.each([
    ['roles', { name: 'x', roles: ['r'], rules: undefined }],
    ['rules', { name: 'x', roles: [], rules: [] }],
  ])('who has brought %s is held to them', (_, principal) => {
    expect(may(compiler.policyFor(principal, 'c' as ClientId), 'any')).toBe(false);
  });
});

test('as in mosquitto, what is said of a user comes before patterns', () => {
  const book = acl([rule('deny all p/#'), rule('allow all q/%c')], {
    ann: [rule('allow all p/mine'), rule('allow all %c'), rule('deny all q/c1')],
  });
  const policy = new PolicyCompiler([book], true).policyFor(named('ann'), 'c1' as ClientId);
  const results = ['p/mine', 'p/other', 'q/c1', 'c1', '%c'].map((topic) => may(policy, topic));
  expect(results).toEqual([true, false, false, false, true]);
});
