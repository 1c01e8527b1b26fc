import { describe, expect, test } from '@jest/globals';
import { type Place, Places } from '../../../src/adapters/mqtt/places.js';
import type { AdmissionLimits, ListenerLimits } from '../../../src/application/ports/listener-limits.js';

const places = (limits: Partial<AdmissionLimits> = {}) =>
  new Places({
    connectionsMax: 1000,
    connectionsPerAddressMax: 0,
    connectRateMax: 0,
    connectRatePerAddressMax: 0,
    ...limits,
  });
const outcome = (made: Places, address: string, own?: ListenerLimits): string => {
  const place = made.take(address, own);
  return typeof place === 'string' ? place : 'in';
};
const outcomes = (made: Places, count: number, address: string, own?: ListenerLimits): string[] =>
  Array.from({ length: count }, () => outcome(made, address, own));

describe('the number of connections', () => {
  test('is limited for all listeners together, whatever a listener says', () => {
    const made = places({ connectionsMax: 2 });
    const own = { connectionsMax: 10 };
    expect(outcomes(made, 3, '192.0.2.1', own)).toEqual(['in', 'in', 'too_many_connections']);
    expect(outcome(made, '192.0.2.2')).toBe('too_many_connections');
  });

  test('is limited for one listener by itself, and leaves room for the others', () => {
    const made = places();
    const own = { connectionsMax: 1 };
    expect(outcomes(made, 2, '192.0.2.1', own)).toEqual(['in', 'too_many_connections']);
    expect(outcome(made, '192.0.2.1')).toBe('in');
    expect(outcome(made, '192.0.2.1', { connectionsMax: 1 })).toBe('in');
  });

  test('goes down once for each place, however often it is given back', () => {
    const made = places({ connectionsMax: 2 });
    const [first] = [made.take('192.0.2.1') as Place, made.take('192.0.2.1')];
    first.release();
    first.release();
    expect(outcomes(made, 2, '192.0.2.1')).toEqual(['in', 'too_many_connections']);
  });

  test('is limited for each address, and one more comes in when one has gone', () => {
    const made = places({ connectionsPerAddressMax: 1 });
    const first = made.take('192.0.2.1') as Place;
    expect([outcome(made, '192.0.2.1'), outcome(made, '192.0.2.2')]).toEqual(['too_many_from_address', 'in']);
    first.release();
    expect(outcome(made, '192.0.2.1')).toBe('in');
  });

  test('takes all addresses of an IPv6 network for one', () => {
    const made = places({ connectionsPerAddressMax: 1 });
    expect(['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1'].map((at) => outcome(made, at))).toEqual([
      ...['in', 'too_many_from_address', 'in'],
    ]);
  });

  test('of a listener with a limit by address counts for that listener alone; 0 lifts the limit', () => {
    const made = places({ connectionsPerAddressMax: 1 });
    const [two, any] = [{ connectionsPerAddressMax: 2 }, { connectionsPerAddressMax: 0 }];
    expect(outcomes(made, 3, '192.0.2.1', two)).toEqual(['in', 'in', 'too_many_from_address']);
    expect(outcomes(made, 50, '192.0.2.1', any)).not.toContain('too_many_from_address');
    expect(outcomes(made, 2, '192.0.2.1')).toEqual(['in', 'too_many_from_address']);
  });
});

describe('the rate of new connections', () => {
  test('lets a second’s worth in at once, then as many as time allows', () => {
    const made = places({ connectRateMax: 4 });
    expect(outcomes(made, 5, '192.0.2.1')).toEqual(['in', 'in', 'in', 'in', 'connect_rate']);
    made.refill(250);
    expect(outcomes(made, 2, '192.0.2.1')).toEqual(['in', 'connect_rate']);
    made.refill(60_000);
    expect(outcomes(made, 5, '192.0.2.1').filter((each) => each === 'in')).toHaveLength(4);
  });

  test('of one address doesn’t use up what others may', () => {
    const made = places({ connectRatePerAddressMax: 2 });
    expect(outcomes(made, 3, '192.0.2.1')).toEqual(['in', 'in', 'address_connect_rate']);
    expect(outcome(made, '192.0.2.2')).toBe('in');
    made.refill(1000);
    expect(outcome(made, '192.0.2.1')).toBe('in');
  });

  test('isn’t used up by those who are refused', () => {
    const made = places({ connectRateMax: 2, connectRatePerAddressMax: 1 });
    outcomes(made, 100, '192.0.2.1');
    expect(outcome(made, '192.0.2.2')).toBe('in');
    made.refill(1000);
    expect(outcome(made, '192.0.2.1')).toBe('in');
  });

  test('of a listener with its own is counted by itself', () => {
    const made = places({ connectRateMax: 1 });
    const own = { connectRateMax: 2, connectRatePerAddressMax: 10 };
    expect(outcomes(made, 3, '192.0.2.1', own)).toEqual(['in', 'in', 'connect_rate']);
    expect(outcomes(made, 2, '192.0.2.1')).toEqual(['in', 'connect_rate']);
  });
});
