import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Transport } from '../transport.js';
import { WebSocketWire } from './websocket-wire.js';

/** What a link writes to; what it reads goes to the callback that the wire was opened with. */
export interface Wire {
  /** @param done Called once the bytes may be overwritten. */
  write(bytes: Uint8Array, done?: () => void): void;
  end(bytes: Uint8Array): void;
  destroy(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** Takes MQTT bytes; they are valid during the call only. */
export type TakeBytes = (length: number, bytes: Uint8Array) => void;

/** Where to connect to, and what by. */
export interface WireTarget {
  readonly host: string;
  readonly port: number;
  readonly transport: Transport;
}

/** One buffer serves all plain sockets: a chunk is used up before the next read fills it again. */
const readBuffer = Buffer.allocUnsafeSlow(128 * 1024);

/** Connects to a broker. What is written at once is sent as soon as the transport is ready. */
export function openWire({ host, port, transport }: WireTarget, take: TakeBytes): Wire {
  if (transport === 'tls') {
    // The measurement is of the broker's side: whose certificate it is doesn't matter.
    const socket: Duplex = connectTls({ host, port, rejectUnauthorized: false }).setNoDelay(true);
    return socket.on('data', (chunk: Buffer) => take(chunk.length, chunk));
  }
  // Whoever takes the bytes is made after the socket, and before anything can come.
  let onBytes = take;
  const callback = (length: number, bytes: Uint8Array): boolean => {
    onBytes(length, bytes);
    return true;
  };
  const socket = connect({ host, port, noDelay: true, onread: { buffer: readBuffer, callback } });
  if (transport === 'tcp') return socket;
  const webSocket = new WebSocketWire(socket, take);
  onBytes = (length, bytes) => webSocket.received(length, bytes);
  return webSocket;
}
