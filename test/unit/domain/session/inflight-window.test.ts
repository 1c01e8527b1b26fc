import { describe, expect, test } from '@jest/globals';
import { Delivery, PACKET_ID_MAX } from '../../../../src/domain/session/delivery.js';
import { InflightWindow } from '../../../../src/domain/session/inflight-window.js';
import { makeMessage } from '../../../support/make-message.js';

const delivery = (sequence: number): Delivery => new Delivery(sequence, makeMessage('t'), 1, false);

test('a delivery is found by its packet id until it is removed', () => {
  const window = new InflightWindow();
  const first = delivery(0);
  expect(window.find(1)).toBeUndefined();
  expect(window.add(first)).toBe(true);
  expect(window.find(1)).toBe(first);
  expect(window.find(17)).toBeUndefined();
  window.remove(first);
  expect([window.find(1), window.size]).toEqual([undefined, 0]);
});

test('a second delivery under an id in flight is turned away', () => {
  const window = new InflightWindow();
  const first = delivery(0);
  window.add(first);
  expect(window.add(delivery(65_535))).toBe(false);
  expect([window.find(1), window.size]).toEqual([first, 1]);
});

test('ids far apart fit beside each other', () => {
  const window = new InflightWindow();
  const deliveries = [0, 16, 32, 1024, 32_768, 65_534].map(delivery);
  for (const each of deliveries) expect(window.add(each)).toBe(true);
  for (const each of deliveries) expect(window.find(each.packetId)).toBe(each);
});

test('all 65,535 ids may be in flight at once', () => {
  const window = new InflightWindow();
  for (let sequence = 10; sequence < 65_545; sequence += 1) expect(window.add(delivery(sequence))).toBe(true);
  expect(window.size).toBe(65_535);
  expect(window.add(delivery(65_545))).toBe(false);
});

test('what is in flight is listed in the order of sending, across the wrap of the ids', () => {
  const window = new InflightWindow();
  for (const sequence of [65_536, 65_533, 65_535, 65_534]) window.add(delivery(sequence));
  expect(window.inOrder().map(({ sequence }) => sequence)).toEqual([65_533, 65_534, 65_535, 65_536]);
  expect(window.inOrder().map(({ packetId }) => packetId)).toEqual([65_534, 65_535, 1, 2]);
});

describe('the place up to which all QoS 2 deliveries have been received', () => {
  const send = (window: InflightWindow, qos: 1 | 2, ...sequences: number[]): Delivery[] =>
    sequences.map((sequence) => {
      const delivery = new Delivery(sequence, makeMessage('t', 'm', qos), qos, false);
      delivery.stage = 'sent';
      window.add(delivery);
      return delivery;
    });

  test('stops before the oldest that was not, and goes on when it was', () => {
    const window = new InflightWindow();
    const [first, second, third] = send(window, 2, 3, 4, 5);
    third!.stage = 'received';
    expect(window.receivedThrough(-1, 5)).toBe(2);
    first!.stage = 'received';
    expect(window.receivedThrough(2, 3)).toBe(3);
    second!.stage = 'released';
    expect(window.receivedThrough(3, 4)).toBe(4);
    expect(window.receivedThrough(4, 5)).toBe(5);
  });

  test('passes deliveries at QoS 1 and those that are settled', () => {
    const window = new InflightWindow();
    const [settled] = send(window, 2, 0);
    send(window, 1, 1);
    const [received] = send(window, 2, 2);
    window.remove(settled!);
    received!.stage = 'received';
    expect(window.receivedThrough(-1, 2)).toBe(2);
  });

  test('takes a newer delivery under the id of an older one for what it is', () => {
    const window = new InflightWindow();
    const [newer] = send(window, 2, PACKET_ID_MAX + 7);
    expect(window.receivedThrough(6, 7)).toBe(7);
    newer!.stage = 'received';
    expect(window.receivedThrough(PACKET_ID_MAX + 6, PACKET_ID_MAX + 7)).toBe(PACKET_ID_MAX + 7);
  });

  test('comes nearer by 1,000 at a time, so that no call takes long', () => {
    const window = new InflightWindow();
    expect(window.receivedThrough(-1, 1_000_000)).toBe(999);
    expect(window.receivedThrough(999, 1_000_000)).toBe(1999);
  });
});
