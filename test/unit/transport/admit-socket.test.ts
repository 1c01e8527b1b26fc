import { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { admitSocket } from '../../../src/adapters/transport/admit-socket.js';
import { RecordingAcceptor } from '../../support/listener-under-test.js';

const listener = { name: 'mqtt://test', anonymousAllowed: true };

/** Has a socket without an address come in, as one that was reset already. */
const arrive = (isUnix: boolean) => {
  const [socket, acceptor] = [new Socket(), new RecordingAcceptor()];
  const admitted = admitSocket(socket, acceptor, { listener, isUnix, isProxy: false });
  return { socket, acceptor, admitted };
};

test('a TCP socket that was reset already is destroyed, and not taken for a Unix socket', () => {
  const { socket, acceptor, admitted } = arrive(false);
  expect([admitted, acceptor.arrivals, socket.destroyed]).toEqual([undefined, [], true]);
});

test('whoever comes by a path is told as unix, and leaves when the socket closes', async () => {
  const { socket, acceptor, admitted } = arrive(true);
  expect([admitted?.remoteAddress, socket.destroyed]).toEqual(['unix', false]);
  expect(acceptor.arrivals).toMatchObject([{ address: 'unix', isProxy: false }]);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  acceptor.arrivals[0]!.destroy();
  await closed;
  expect(acceptor.ends).toEqual(['left']);
});

test('who has become a stream is no longer told of, and the socket keeps no handler for it', async () => {
  const { socket, acceptor } = arrive(true);
  acceptor.arrivals[0]!.accepted();
  expect(socket.listenerCount('close')).toBe(0);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.destroy(new Error('the peer has reset it'));
  await closed;
  expect(acceptor.ends).toEqual([]);
});

test('all sockets have one handler of errors, which holds on to nothing', () => {
  const [one, other] = [arrive(true).socket, arrive(true).socket];
  expect(one.listeners('error')).toEqual(other.listeners('error'));
  expect(one.listeners('error')[0]).toBe(other.listeners('error')[0]);
});
