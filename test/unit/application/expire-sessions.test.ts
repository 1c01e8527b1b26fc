import { expect, test } from '@jest/globals';
import { connected } from '../../support/connect-request.js';
import { makeBroker } from '../../support/make-broker.js';
import { topicFilter } from '../../support/make-message.js';

const durable = { cleanSession: false };
const SECOND = 1000;

test('a session ends when its client has been away for as long as is allowed, and not before', async () => {
  const { broker, clock } = makeBroker({ sessionExpirySeconds: 60 });
  const { client } = await connected(broker, durable);
  broker.subscribe(client, 1, [{ filter: topicFilter('t'), qos: 1 }]);
  broker.endConnection(client, { end: 'lost', reason: 'peer_closed' });
  clock.advance(59 * SECOND);
  broker.expireSessions(clock.nowMs());
  expect(broker.gauges().sessions).toBe(1);
  clock.advance(SECOND);
  broker.expireSessions(clock.nowMs());
  expect(broker.gauges()).toMatchObject({ sessions: 0, subscriptions: 0 });
  expect(broker.counters.sessionsExpired).toBe(1);
});

test('the session of a client that is there never ends [MQTT-4.1.0-2]', async () => {
  const { broker, clock } = makeBroker({ sessionExpirySeconds: 60 });
  await connected(broker, durable);
  clock.advance(3600 * SECOND);
  broker.expireSessions(clock.nowMs());
  expect(broker.gauges().sessions).toBe(1);
});

test('a client that comes back begins its time anew', async () => {
  const { broker, clock } = makeBroker({ sessionExpirySeconds: 60 });
  for (let i = 0; i < 3; i += 1) {
    const { client } = await connected(broker, durable);
    broker.endConnection(client, { end: 'lost', reason: 'peer_closed' });
    clock.advance(59 * SECOND);
    broker.expireSessions(clock.nowMs());
  }
  expect(broker.gauges().sessions).toBe(1);
});

test('an expiry of 0 keeps every session', async () => {
  const { broker, clock } = makeBroker({ sessionExpirySeconds: 0 });
  broker.endConnection((await connected(broker, durable)).client, { end: 'lost', reason: 'peer_closed' });
  clock.advance(1e12);
  broker.expireSessions(clock.nowMs());
  expect(broker.gauges().sessions).toBe(1);
});
