import { describe, expect, test } from '@jest/globals';
import { AuthenticationChain } from '../../../../src/application/authentication/authentication-chain.js';
import {
  AuthenticationBusy,
  type AuthenticationProvider,
  type ProviderDecision,
} from '../../../../src/application/ports/authentication-provider.js';
import { named } from '../../../../src/domain/access/principal.js';
import { credentials } from '../../../support/credentials.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { silentLogger } from '../../../support/silent-logger.js';

const clock = new ManualClock();
const shown = credentials({ userName: 'ann', password: 'geheim' });

/** A provider that says always the same, or throws it. */
function provider(name: string, says: ProviderDecision | Error, tookMs = 0) {
  const asked = { name, count: 0 };
  const decide = (): Promise<ProviderDecision> => {
    asked.count++;
    clock.advance(tookMs);
    return says instanceof Error ? Promise.reject(says) : Promise.resolve(says);
  };
  return Object.assign(asked, { decide }) satisfies AuthenticationProvider;
}

const chainOf = (...providers: AuthenticationProvider[]) =>
  new AuthenticationChain(providers, clock, silentLogger);
const accepting = { principal: named('ann'), expiresAtMs: 17 };
const refusing = { refusal: 4, reason: 'wrong_password' } as const;

describe('the first that decides', () => {
  test.each([
    ['accepts', accepting],
    ['refuses', refusing],
  ])('and %s wins, and names itself; those behind it are not asked', async (_, decision) => {
    const [first, second, third] = [
      provider('one', 'ignored'),
      provider('two', decision),
      provider('three', accepting),
    ];
    expect(await chainOf(first, second, third).authenticate(shown)).toEqual({
      ...decision,
      authentication: 'two',
    });
    expect([first.count, second.count, third.count]).toEqual([1, 1, 0]);
  });

  test('and fails has refused, though another would accept', async () => {
    const later = provider('later', accepting);
    const chain = chainOf(provider('broken', new Error('no connection')), later);
    expect(await chain.authenticate(shown)).toEqual({
      refusal: 5,
      reason: 'provider_failed',
      authentication: 'broken',
    });
    expect(later.count).toBe(0);
  });

  test('and has too much to do tells the client to come again', async () => {
    const chain = chainOf(provider('busy', new AuthenticationBusy()), provider('later', accepting));
    expect(await chain.authenticate(shown)).toMatchObject({ refusal: 3, reason: 'authentication_busy' });
  });
});

describe('where nobody decides', () => {
  const nobody = chainOf(provider('one', 'ignored'));
  test('a client with credentials is refused, also where anonymous ones may come', async () => {
    expect(await nobody.authenticate({ ...shown, anonymousAllowed: true })).toEqual({
      refusal: 4,
      reason: 'unknown_user',
    });
  });

  test('a client without is let in where anonymous ones may come, and nowhere else', async () => {
    expect(await nobody.authenticate(credentials({ anonymousAllowed: true }))).toMatchObject({
      authentication: 'anonymous',
    });
    expect(await nobody.authenticate(credentials())).toEqual({ refusal: 5, reason: 'not_authorized' });
  });
});

test('without providers, whatever a client shows counts for nothing', async () => {
  expect(await chainOf().authenticate({ ...shown, anonymousAllowed: true })).toMatchObject({
    authentication: 'anonymous',
  });
  expect(await chainOf().authenticate(shown)).toEqual({ refusal: 5, reason: 'not_authorized' });
});

test('what providers do is counted, with how long it took', async () => {
  const chain = chainOf(provider('a', 'ignored', 20), provider('b', refusing), provider('c', accepting));
  await chain.authenticate(shown);
  await chain.authenticate(shown);
  expect(chain.figures.get('a')).toMatchObject({
    ...{ ignored: 2, accepted: 0, refused: 0, failed: 0 },
    seconds: { sum: 0.04, counts: [0, 0, 2, 0, 0, 0, 0, 0] },
  });
  expect(chain.figures.get('b')).toMatchObject({
    refused: 2,
    seconds: { counts: [2, 0, 0, 0, 0, 0, 0, 0] },
  });
  expect(chain.figures.get('c')).toMatchObject({ accepted: 0 });
});

test('a provider that is down is told once, and again when it is back', async () => {
  const told: string[] = [];
  const says = { now: new Error('down') as ProviderDecision | Error };
  const flaky: AuthenticationProvider = {
    name: 'flaky',
    decide: () => (says.now instanceof Error ? Promise.reject(says.now) : Promise.resolve(says.now)),
  };
  const tell = (message: string): void => void told.push(message);
  const chain = new AuthenticationChain([flaky], clock, { ...silentLogger, error: tell, warn: tell });
  await chain.authenticate(shown);
  await chain.authenticate(shown);
  says.now = 'ignored';
  await chain.authenticate(shown);
  expect(told).toEqual([
    'an authentication provider fails: it lets nobody in',
    'an authentication provider decides again',
  ]);
});

test('what one provider can not read anew stops no other, and is told', async () => {
  let isRead = false;
  const bad = { ...provider('bad', 'ignored'), reload: () => Promise.reject(new Error('bad file')) };
  const good = {
    ...provider('good', 'ignored'),
    files: ['f'],
    reload: () => Promise.resolve((isRead = true)),
  };
  const chain = chainOf(bad, good);
  await expect(chain.reload()).rejects.toThrow('bad file');
  expect([isRead, chain.files]).toEqual([true, ['f']]);
});

describe('other providers in place of those before', () => {
  /** A provider that decides when it is told to, and notes when it is stopped. */
  const slow = (name: string) => {
    const answers: ((decision: ProviderDecision) => void)[] = [];
    const stops: string[] = [];
    const decide = () => new Promise<ProviderDecision>((resolve) => answers.push(resolve));
    return { name, decide, stop: async () => void stops.push(name), answers, stops };
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  test('are asked once they are in force, and have been read by then', async () => {
    let isRead = false;
    const added = { ...provider('new', accepting), reload: () => Promise.resolve((isRead = true)) };
    const chain = chainOf(provider('old', refusing));
    const { apply } = await chain.prepare([added]);
    expect(isRead).toBe(true);
    expect(await chain.authenticate(shown)).toMatchObject({ authentication: 'old' });
    apply();
    expect(await chain.authenticate(shown)).toMatchObject({ authentication: 'new' });
  });

  test('that can not be read leave those before as they were, and are stopped', async () => {
    const fine = slow('fine');
    const bad = { ...provider('bad', 'ignored'), reload: () => Promise.reject(new Error('bad file')) };
    const chain = chainOf(provider('old', accepting));
    await expect(chain.prepare([fine, bad])).rejects.toThrow('bad file');
    expect([fine.stops, (await chain.authenticate(shown)).authentication]).toEqual([['fine'], 'old']);
  });

  test('that are not put in force after all are stopped, but for those that are asked already', async () => {
    const [old, added] = [slow('old'), slow('new')];
    (await chainOf(old).prepare([old, added])).discard?.();
    expect([old.stops, added.stops]).toEqual([[], ['new']]);
  });

  test('decide nothing that was begun before, and whose providers are stopped when all of it is decided', async () => {
    const [first, second, later] = [slow('first'), slow('second'), provider('later', refusing)];
    const chain = chainOf(first, second);
    const attempt = chain.authenticate(shown);
    (await chain.prepare([later])).apply();
    await chain.authenticate(shown);
    expect([...first.stops, ...second.stops]).toEqual([]);
    first.answers[0]?.('ignored');
    await settled();
    expect([...first.stops, ...second.stops]).toEqual([]);
    second.answers[0]?.(accepting);
    expect(await attempt).toMatchObject({ authentication: 'second' });
    await settled();
    expect([first.stops, second.stops, later.count]).toEqual([['first'], ['second'], 1]);
  });

  test('are stopped with those that are still asked', async () => {
    const [old, added] = [slow('old'), slow('new')];
    const chain = chainOf(old);
    void chain.authenticate(shown);
    (await chain.prepare([added])).apply();
    await chain.stop();
    expect([old.stops, added.stops]).toEqual([['old'], ['new']]);
  });

  test('leave what was counted, and go on with it under the same name', async () => {
    const chain = chainOf(provider('a', accepting), provider('b', accepting));
    await chain.authenticate(shown);
    const { figures } = chain;
    (await chain.prepare([provider('a', refusing), provider('c', 'ignored')])).apply();
    await chain.authenticate(shown);
    expect([...figures.keys()]).toEqual(['a', 'b', 'c']);
    expect(figures.get('a')).toMatchObject({ accepted: 1, refused: 1 });
  });

  test('name their files in place of those before', async () => {
    const withFile = (name: string) => ({ ...provider(name, 'ignored'), files: [`${name}.txt`] });
    const chain = chainOf(withFile('a'));
    (await chain.prepare([withFile('b')])).apply();
    expect(chain.files).toEqual(['b.txt']);
  });
});
