import { expect, test } from '@jest/globals';
import { Canary } from '../../../../src/application/canary/canary.js';
import { CANARY_LISTENER, CanaryAdmission } from '../../../../src/application/canary/canary-admission.js';
import type { RoundTripOutcome } from '../../../../src/application/ports/round-trip.js';
import { ALLOW_ALL, DENIED } from '../../../../src/domain/access/access-policy.js';
import { named } from '../../../../src/domain/access/principal.js';
import type { ClientId } from '../../../../src/domain/client-id.js';
import { credentials } from '../../../support/credentials.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { makeMessage } from '../../../support/make-message.js';
import { silentLogger } from '../../../support/silent-logger.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('rounds are measured, failures counted by step, and the log told of changes alone', async () => {
  const outcomes: RoundTripOutcome[] = [
    { seconds: 0.002 },
    { failedAt: 'connect', reason: 'CONNACK 3' },
    { failedAt: 'receive', reason: 'no answer within 10 s' },
    { seconds: 0.2 },
  ];
  const lines: string[] = [];
  const logger = {
    ...silentLogger,
    error: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(line),
  };
  const clock = new ManualClock();
  const run = async () => outcomes.shift()!;
  const canary = new Canary({
    roundTrip: { run },
    clock,
    logger,
    settings: { enabled: true, everySeconds: 1 },
  });
  canary.start();
  for (let round = 1; round < 4; round += 1) {
    await turn();
    clock.advance(1000);
  }
  await turn();
  canary.stop();
  expect(canary.failures).toMatchObject({ connect: 1, receive: 1, publish: 0 });
  expect(canary.seconds.sum).toBeCloseTo(0.202);
  expect(lines).toEqual([
    'the canary fails: a message through the broker did not come back',
    'the canary is well again',
  ]);
  expect(clock.tickerCount).toBe(0);
});

test('a round that is under way when the next is due is not doubled', async () => {
  let rounds = 0;
  const run = (): Promise<RoundTripOutcome> => {
    rounds += 1;
    return new Promise(() => undefined);
  };
  const clock = new ManualClock();
  const canary = new Canary({
    roundTrip: { run },
    clock,
    logger: silentLogger,
    settings: { enabled: true, everySeconds: 1 },
  });
  canary.start();
  clock.advance(5000);
  await turn();
  canary.stop();
  expect(rounds).toBe(1);
});

test('it goes by settings that are made anew while it runs, and not before it is started', async () => {
  let rounds = 0;
  const run = (): Promise<RoundTripOutcome> => Promise.resolve({ seconds: (rounds += 1) });
  const clock = new ManualClock();
  const settings = { enabled: false, everySeconds: 60 };
  const canary = new Canary({ roundTrip: { run }, clock, logger: silentLogger, settings });
  const after = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1000);
      await turn();
    }
    return rounds;
  };
  canary.settingsChanged();
  canary.start();
  expect(await after(120)).toBe(0);
  Object.assign(settings, { enabled: true, everySeconds: 10 });
  canary.settingsChanged();
  expect(await after(20)).toBe(3);
  settings.enabled = false;
  canary.settingsChanged();
  expect(await after(20)).toBe(3);
});

const shown = (listener: string, password: string) =>
  credentials({
    ...{ clientId: 'c', userName: 'c', password, remoteAddress: 'local', listener, anonymousAllowed: true },
  });
const others = { authenticate: async () => ({ principal: named('other'), authentication: 'others' }) };

test('its way in takes the password of this start, and nobody else, whatever others would say', async () => {
  const gate = new CanaryAdmission(Buffer.from('secret')).authenticator(others);
  expect(await gate.authenticate(shown(CANARY_LISTENER, 'secret'))).toMatchObject({
    authentication: 'canary',
  });
  for (const wrong of ['', 'secreT', 'secret2'])
    expect(await gate.authenticate(shown(CANARY_LISTENER, wrong))).toHaveProperty('refusal');
  expect(await gate.authenticate(shown('mqtt://x', 'secret'))).toMatchObject({
    authentication: 'others',
  });
});

test('it may use its own topics alone, and a client of the same name has no part in that', async () => {
  const admission = new CanaryAdmission(Buffer.from('secret'));
  const policies = admission.policies({ policyFor: () => ALLOW_ALL });
  const proof = await admission.authenticator(others).authenticate(shown(CANARY_LISTENER, 'secret'));
  const { principal } = proof as { principal: ReturnType<typeof named> };
  const own = policies.policyFor(principal, 'c' as ClientId);
  expect(own.publishAllowedBy(makeMessage('$SURETY/canary/x', '', 1))).not.toBe(DENIED);
  expect(own.publishAllowedBy(makeMessage('a', '', 1))).toBe(DENIED);
  expect(policies.policyFor(named(CANARY_LISTENER), 'c' as ClientId)).toBe(ALLOW_ALL);
});
