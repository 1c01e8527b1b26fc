import { expect, test } from '@jest/globals';
import { Delivery } from '../../../../src/domain/session/delivery.js';
import { makeMessage } from '../../../support/make-message.js';

const packetIdOf = (sequence: number): number => new Delivery(sequence, makeMessage('t'), 1, false).packetId;

test('packet ids start at 1, end at 65,535 and start anew, so that 0 is never one', () => {
  expect([0, 1, 65_533, 65_534, 65_535, 65_536].map(packetIdOf)).toEqual([1, 2, 65_534, 65_535, 1, 2]);
});

test('a new delivery is queued', () => {
  expect(new Delivery(0, makeMessage('t'), 1, false).stage).toBe('queued');
});
