import { expect, test } from '@jest/globals';
import type { Authenticator } from '../../../../src/application/ports/authenticator.js';
import { named } from '../../../../src/domain/access/principal.js';
import { connected } from '../../../support/connect-request.js';
import { FakeTrail } from '../../../support/fake-trail.js';
import { makeBroker } from '../../../support/make-broker.js';
import { ManualClock } from '../../../support/manual-clock.js';

const MINUTE_MS = 60_000;

/** A broker whose clients have proofs that end: the first after the first of these times, and so on. */
function open(...endsAfterMs: (number | undefined)[]) {
  const clock = new ManualClock();
  const authenticator: Authenticator = {
    authenticate: () => {
      const afterMs = endsAfterMs.shift();
      const expiresAtMs = afterMs === undefined ? undefined : clock.nowMs() + afterMs;
      return Promise.resolve({ principal: named('ann'), authentication: 'jwt', expiresAtMs });
    },
  };
  const trail = new FakeTrail();
  const { broker } = makeBroker({ clock, authenticator, trail });
  clock.every(1000, () => broker.expireCredentials(clock.nowMs()));
  const closings = () => trail.of('connection.closed').map(({ reason }) => reason);
  return { broker, clock, closings };
}

test('a connection ends when its proof does, not before, and both the link and the trail are told why', async () => {
  const { broker, clock, closings } = open(MINUTE_MS);
  const { link } = await connected(broker);
  clock.advance(MINUTE_MS - 1);
  expect([link.closeReason, closings()]).toEqual([undefined, []]);
  clock.advance(1);
  expect([link.closeReason, closings()]).toEqual(['credentials_expired', ['credentials_expired']]);
  expect(broker.gauges()).toMatchObject({ connections: 0 });
});

test('a connection whose proof has no end stays', async () => {
  const { broker, clock } = open(undefined);
  const { link } = await connected(broker);
  clock.advance(1000 * MINUTE_MS);
  expect(link.isOpen).toBe(true);
});

test('whoever took a client id over has the time of its own proof, and ends once', async () => {
  const { broker, clock, closings } = open(MINUTE_MS, 3 * MINUTE_MS);
  const first = await connected(broker);
  clock.advance(MINUTE_MS / 2);
  const second = await connected(broker);
  expect(first.link.closeReason).toBe('taken_over');
  clock.advance(2 * MINUTE_MS);
  expect([first.link.closeReason, second.link.isOpen]).toEqual(['taken_over', true]);
  clock.advance(MINUTE_MS);
  expect(second.link.closeReason).toBe('credentials_expired');
  expect(closings()).toEqual(['taken_over', 'credentials_expired']);
});
