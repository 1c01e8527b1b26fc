import { describe, expect, test } from '@jest/globals';
import type { Admission } from '../../../src/application/ports/byte-stream.js';
import { FakeClient, makeNetwork, turn } from '../../support/fake-client.js';
import { FakeStream } from '../../support/fake-stream.js';
import { FakeTrail } from '../../support/fake-trail.js';
import { connect } from '../../support/packets.js';

const LISTENER = { name: 'mqtts://test', anonymousAllowed: true };

const make = (...options: Parameters<typeof makeNetwork>) => {
  const network = makeNetwork(...options);
  const destroyed: string[] = [];
  const arrive = (address: string, isProxy = false): Admission | undefined =>
    network.endpoint.admit(
      { address, isProxy, destroy: () => void destroyed.push(address), accepted: () => undefined },
      LISTENER,
    );
  return { ...network, destroyed, arrive };
};

describe('a connection that is not a stream yet', () => {
  test('counts to the limit of connections, so that half-open handshakes leave no room beyond it', () => {
    const { arrive, endpoint, broker, reports } = make({ limits: { connectionsMax: 2 } });
    const [first, second] = [arrive('a'), arrive('b')];
    expect([first === undefined, second === undefined, arrive('c')]).toEqual([false, false, undefined]);
    expect(endpoint.connectionCount).toBe(2);
    expect(broker.counters.closed.get('too_many_connections')).toBe(1);
    expect(reports).toEqual(['too_many_connections']);
    first!.leave();
    expect(arrive('c')).toBeDefined();
  });

  test('counts to the limit of its address, and a proxy to that of its client alone', () => {
    const { arrive, broker } = make({ limits: { connectionsPerAddressMax: 1 } });
    const direct = arrive('a');
    expect([direct === undefined, arrive('a')]).toEqual([false, undefined]);
    const proxied = [arrive('proxy', true)!, arrive('proxy', true)!, arrive('proxy', true)!];
    expect(proxied.map((each, i) => each.comesFrom(['x', 'x', 'y'][i]!))).toEqual([true, false, true]);
    expect(broker.counters.closed.get('too_many_from_address')).toBe(2);
    proxied[0]!.leave();
    expect(arrive('x')).toBeDefined();
  });

  test('is told when it becomes one, so that nothing of the arrival has to be kept', () => {
    const { endpoint } = make();
    const told: string[] = [];
    const arrival = {
      address: 'a',
      isProxy: false,
      destroy: () => undefined,
      accepted: () => void told.push('a'),
    };
    const admission = endpoint.admit(arrival, LISTENER)!;
    expect(told).toEqual([]);
    admission.accept(new FakeStream('a'));
    expect(told).toEqual(['a']);
  });

  test('has the connect timeout for all that comes before CONNECT', async () => {
    const { arrive, clock, destroyed, broker, endpoint } = make({ limits: { connectTimeoutSeconds: 10 } });
    arrive('slow');
    const late = arrive('late')!;
    clock.advance(6000);
    const stream = new FakeStream('late');
    const client = new FakeClient(stream);
    stream.listen(late.accept(stream));
    clock.advance(3500);
    expect(destroyed).toEqual([]);
    clock.advance(1000);
    expect(destroyed).toEqual(['slow']);
    expect(stream.isEnded).toBe(true);
    await client.send(connect({ clientId: 'late' }));
    expect(broker.counters.closed.get('connect_timeout')).toBe(2);
    expect(endpoint.connectionCount).toBe(1);
  });

  test('is refused with a reason that is counted and reported once, and gives its place back', () => {
    const { arrive, broker, endpoint, reports } = make();
    const admission = arrive('a')!;
    admission.refuse('certificate_refused', 'CERT_REVOKED');
    admission.refuse('tls_failed');
    admission.leave();
    expect(broker.counters.closed).toEqual(new Map([['certificate_refused', 1]]));
    expect([reports, endpoint.connectionCount]).toEqual([['certificate_refused'], 0]);
  });

  test('is refused first of all if its address is banned, and uses up nothing', () => {
    const trail = new FakeTrail();
    const { arrive, bans, broker, endpoint, reports } = make({ trail, limits: { connectRateMax: 1 } });
    bans.impose('192.0.2.1', undefined, 60_000, 'test');
    bans.impose('192.0.2.2', 'one-client-of-many', 60_000, 'test');
    expect([1, 2, 3].map(() => arrive('192.0.2.1'))).toEqual([undefined, undefined, undefined]);
    expect(arrive('192.0.2.2')).toBeDefined();
    expect([endpoint.connectionCount, broker.counters.closed.get('banned')]).toEqual([1, 3]);
    expect(reports).toEqual(['banned', 'banned', 'banned']);
    const [first, ...folded] = trail.of('connection.refused');
    expect([first, folded]).toMatchObject([{ reason: 'banned', address: '192.0.2.1' }, []]);
  });

  test('is refused by the client’s address, and not by its proxy’s', () => {
    const { arrive, bans, broker } = make();
    for (const address of ['192.0.2.1', '198.51.100.1']) bans.impose(address, undefined, 60_000, 'test');
    const proxied = [arrive('192.0.2.1', true)!, arrive('192.0.2.1', true)!];
    expect(proxied.map((each, i) => each.comesFrom(`198.51.100.${i + 1}`))).toEqual([false, true]);
    expect(broker.counters.closed.get('banned')).toBe(1);
  });

  test('ends when the broker does', () => {
    const { arrive, destroyed, endpoint, broker } = make();
    arrive('a');
    endpoint.closeAll();
    expect([destroyed, endpoint.connectionCount]).toEqual([['a'], 0]);
    expect(broker.counters.closed.get('server_shutdown')).toBe(1);
  });

  test('keeps its place as a stream until that ends', async () => {
    const { arrive, endpoint } = make({ limits: { connectionsMax: 1 } });
    const stream = new FakeStream('a');
    stream.listen(arrive('a')!.accept(stream));
    expect(arrive('b')).toBeUndefined();
    stream.close();
    await turn();
    expect(endpoint.connectionCount).toBe(0);
    expect(arrive('b')).toBeDefined();
  });
});
