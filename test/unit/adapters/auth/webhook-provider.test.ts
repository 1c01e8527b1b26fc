import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AnswerCache } from '../../../../src/adapters/auth/answer-cache.js';
import { WebhookProvider } from '../../../../src/adapters/auth/webhook-provider.js';
import { TestAuthority } from '../../../support/certificates.js';
import { credentials } from '../../../support/credentials.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { webhookSettings } from '../../../support/provider-settings.js';
import { makeFolder } from '../../../support/test-folder.js';
import { WebService } from '../../../support/web-service.js';

const shown = credentials({ userName: 'ann', password: 'geheim' });
let service: WebService;
let clock: ManualClock;
const open = (changes = {}) =>
  new WebhookProvider('w', webhookSettings({ url: service.url, ...changes }), clock);

beforeEach(async () => {
  service = await WebService.start();
  clock = new ManualClock();
});
afterEach(() => service.stop());

test('the service is told all that the client has shown', async () => {
  service.answer = () => ({ text: '{"result":"ignore"}' });
  await open().decide(shown);
  expect(service.asked[0]?.body).toEqual({
    ...{ clientId: 'client', userName: 'ann', password: 'geheim' },
    ...{ address: '192.0.2.1', listener: 'mqtt://192.0.2.9:1883' },
  });
  await open().decide({ ...shown, password: Buffer.from([0xff]) });
  expect(service.asked[1]?.body).toMatchObject({ passwordBase64: '/w==' });
});

test('its answer says who the client is, what it may do, and for how long', async () => {
  const rules = [{ effect: 'deny', actions: ['publish'], filter: 'a/#' }];
  const answer = { result: 'allow', principal: 'anna', roles: ['r'], rules, expiresInSeconds: 60 };
  service.answer = () => ({ text: JSON.stringify(answer) });
  expect(await open().decide(shown)).toEqual({
    principal: {
      name: 'anna',
      roles: ['r'],
      rules: [{ ...rules[0], qosMax: undefined, provider: 'webhook', source: 'webhook' }],
    },
    expiresAtMs: clock.nowMs() + 60_000,
  });
});

test.each([
  [{ status: 500, text: '{"result":"allow"}' }, 'status 500'],
  [{ status: 302, text: '' }, 'status 302'],
  [{ text: 'allow' }, 'no JSON'],
  [{ text: '{"result":"yes"}' }, 'no result'],
  [{ text: '[]' }, 'no result'],
  [{ text: '{"result":"allow","rules":[{"filter":"#"}]}' }, 'roles or rules'],
  [{ text: '{"result":"allow","roles":[1]}' }, 'roles or rules'],
  [{ text: '{"result":"allow","expiresInSeconds":-1}' }, 'expiresInSeconds'],
  [{ text: `{"result":"allow","x":"${'x'.repeat(70_000)}"}` }, 'too long'],
  [undefined, 'has not answered within 1 s'],
])('the answer %j is an error, and lets nobody in', async (answer, reason) => {
  service.answer = () => answer;
  await expect(open({ timeoutSeconds: 1 }).decide(shown)).rejects.toThrow(reason);
});

describe('an answer', () => {
  test('is used again for the same credentials while it is fresh, and for no others', async () => {
    service.answer = ({ password }) => ({
      text: JSON.stringify({ result: password === 'geheim' ? 'allow' : 'deny' }),
    });
    const provider = open();
    const decide = (changes = {}) => provider.decide({ ...shown, ...changes });
    expect(await decide()).toEqual(await decide());
    expect(service.asked).toHaveLength(1);
    expect(await decide({ password: Buffer.from('other') })).toMatchObject({ reason: 'webhook_denied' });
    expect(service.asked).toHaveLength(2);
    clock.advance(60_000);
    await decide();
    expect(service.asked).toHaveLength(3);
  });

  test('is kept without the password, and the oldest gives way', () => {
    const cache = new AnswerCache({ ms: 1000, entriesMax: 2 });
    const [a, b, c] = ['geheim', 'b', 'c'].map((question) => cache.keyOf(question)) as [
      string,
      string,
      string,
    ];
    for (const key of [a, b, c]) cache.set(key, 'ignored', 0);
    expect([cache.get(a, 0), cache.get(b, 0), cache.get(c, 999), cache.get(c, 1000)]).toEqual([
      ...[undefined, 'ignored', 'ignored', undefined],
    ]);
    expect(a).not.toContain('geheim');
    expect(new AnswerCache({ ms: 1, entriesMax: 1 }).keyOf('geheim')).not.toBe(a);
  });
});

test('a secret that is read anew goes with the next question', async () => {
  const folder = makeFolder();
  const secretFile = folder.write('secret', 'one\n');
  const provider = open({ secretFile, cacheSeconds: 0 });
  service.answer = () => ({ text: '{"result":"ignore"}' });
  await provider.decide(shown);
  expect(await provider.reload()).toBe(false);
  folder.write('secret', 'two\n');
  expect(await provider.reload()).toBe(true);
  await provider.decide(shown);
  expect(service.asked.map(({ authorization }) => authorization)).toEqual(['Bearer one', 'Bearer two']);
  folder.remove();
  await expect(provider.reload()).rejects.toThrow(secretFile);
  await provider.decide(shown);
  expect(service.asked[2]?.authorization).toBe('Bearer two');
});

test('authorities that are read anew decide about the service from the next question on', async () => {
  const [authority, stranger] = [await TestAuthority.create(), await TestAuthority.create()];
  const secure = await WebService.start(await authority.issue());
  const folder = makeFolder();
  secure.answer = () => ({ text: '{"result":"ignore"}' });
  try {
    const caFile = folder.write('ca.pem', authority.cert);
    const provider = open({ url: secure.url, caFile, cacheSeconds: 0 });
    expect(await provider.decide(shown)).toBe('ignored');
    folder.write('ca.pem', stranger.cert);
    expect([await provider.reload(), provider.files]).toEqual([true, [caFile]]);
    await expect(provider.decide(shown)).rejects.toThrow(/certificate/);
    folder.write('ca.pem', authority.cert);
    await provider.reload();
    expect(await provider.decide(shown)).toBe('ignored');
    await provider.stop();
  } finally {
    await secure.stop();
    folder.remove();
  }
});
