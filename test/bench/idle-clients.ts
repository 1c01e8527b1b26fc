import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { encodeConnect, encodeSubscribe } from './load/frames.js';

/** Connections that are made at the same time. */
const AT_ONCE = 200;
/** Clients come from several addresses: one has ports for some 28,000. */
const ADDRESSES = 4;
const ANSWER_MS_MAX = 30_000;
const CONNACK_BYTES = 4;
const SUBACK_BYTES = 5;
/** Open files that a process needs beside its connections. */
const OTHER_FILES = 100;

/** As many clients as were asked for, or as the limit of open files leaves room for. */
export function affordableClients(wanted: number): number {
  const line = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  const limit = line?.[1] === 'unlimited' ? Infinity : Number(line?.[1] ?? 0);
  return Math.min(wanted, limit - OTHER_FILES);
}

/**
 * Connects clients that have one subscription each and then do nothing.
 * @throws Error when one of them isn't let in.
 */
export async function connectIdle(port: number, count: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const batch = Math.min(AT_ONCE, count - sockets.length);
    const numbers = Array.from({ length: batch }, (_, index) => sockets.length + index);
    sockets.push(...(await Promise.all(numbers.map((number) => connectOne(port, number)))));
  }
  return sockets;
}

function connectOne(port: number, number: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const localAddress = `127.0.0.${2 + (number % ADDRESSES)}`;
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(`idle client ${number}: ${why}`));
    };
    let received = 0;
    socket.setTimeout(ANSWER_MS_MAX, () => fail('no answer'));
    socket
      .once('error', (error) => fail(error.message))
      .once('close', () => fail('the connection was closed'));
    socket.on('data', (bytes) => {
      received += bytes.length;
      if (received < CONNACK_BYTES + SUBACK_BYTES) return;
      socket
        .removeAllListeners()
        .on('error', () => undefined)
        .setTimeout(0)
        .resume();
      resolve(socket);
    });
    socket.write(
      Buffer.concat([encodeConnect(`idle-${number}`, true, {}), encodeSubscribe([`idle/${number}`], 0)]),
    );
  });
}
