import { expect, test } from '@jest/globals';
import { Bans } from '../../../../src/application/authentication/bans.js';
import type { EndConnection } from '../../../../src/application/end-connection.js';
import type { Authenticator } from '../../../../src/application/ports/authenticator.js';
import { parseAddressRange } from '../../../../src/domain/access/address-range.js';
import type { Ban } from '../../../../src/domain/access/ban.js';
import { named } from '../../../../src/domain/access/principal.js';
import { connected } from '../../../support/connect-request.js';
import { FakeBanStore } from '../../../support/fake-ban-store.js';
import { FakeTrail } from '../../../support/fake-trail.js';
import { makeBroker } from '../../../support/make-broker.js';
import { silentLogger } from '../../../support/silent-logger.js';

/** A broker with ann and bob in it, both from 192.0.2.1, and bans. */
async function open() {
  const [store, trail] = [new FakeBanStore(), new FakeTrail()];
  const authenticator: Authenticator = {
    authenticate: ({ userName }) => Promise.resolve({ principal: named(userName), authentication: 'all' }),
  };
  const { broker, state, audit, clock } = makeBroker({ trail, authenticator });

  const endConnection = {
    cut: (client, reason) => {
      broker.endConnection(client, { end: 'lost', reason });
      client.link.close(reason);
    },
  } as Pick<EndConnection, 'cut'> as EndConnection;
  const bans = new Bans({ state, store, endConnection, audit, clock, logger: silentLogger });
  await bans.start();
  const [ann, bob] = [
    await connected(broker, { clientId: 'of-ann', userName: 'ann' }),
    await connected(broker, { clientId: 'of-bob', userName: 'bob' }),
  ];
  const impose = async (subject: Partial<Ban>, by = 'carol') => {
    const nobody = { address: undefined, clientId: undefined, userName: undefined };
    await store.add({
      ...nobody,
      ...{ reason: 'test', by, createdAtMs: 0, expiresAtMs: undefined },
      ...subject,
    });
    await bans.readAnew();
    return [ann.link.closeReason, bob.link.closeReason];
  };
  return { broker, trail, impose };
}

test.each([
  [{ userName: 'ann' }, ['banned', undefined]],
  [{ clientId: 'of-bob' }, [undefined, 'banned']],
  [{ address: parseAddressRange('192.0.2.0/24') }, ['banned', 'banned']],
  [{ address: parseAddressRange('198.51.100.0/24') }, [undefined, undefined]],
  [{ userName: 'ann', clientId: 'of-bob' }, [undefined, undefined]],
])('a ban of %j from outside ends the connections that it names, and no others', async (subject, reasons) => {
  const { broker, trail, impose } = await open();
  expect(await impose(subject)).toEqual(reasons);
  const ended = reasons.filter((reason) => reason !== undefined);
  expect(trail.of('connection.closed').map(({ reason }) => reason)).toEqual(ended);
  expect(broker.gauges().connections).toBe(2 - ended.length);
});

test('a ban that the broker has imposed for failures leaves those alone who are in', async () => {
  const { impose } = await open();
  expect(await impose({ address: parseAddressRange('192.0.2.1') }, 'broker')).toEqual([undefined, undefined]);
});

test('a ban that the broker has imposed hides no other one from outside', async () => {
  const { impose } = await open();
  await impose({ clientId: 'of-ann' }, 'broker');
  expect(await impose({ userName: 'ann' })).toEqual(['banned', undefined]);
});
