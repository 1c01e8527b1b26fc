import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

import type { ByteStream, StreamListener } from '../../application/ports/byte-stream.js';
import type { ClientCertificate } from '../../domain/access/client-certificate.js';
import type { Peer } from './socket-stream.js';
import type { ControlChannel } from './websocket-control.js';
import { binaryHeader, CloseCode, FrameReader } from './websocket-frames.js';

/** What is left of an upgrade: the library speaks control frames by a channel, and data frames go past it. */
export interface UpgradedSocket {
  readonly webSocket: WebSocket;
  readonly control: ControlChannel;
  readonly socket: Socket;
}

/** A WebSocket connection as a stream of bytes: where its frames end means nothing [MQTT-6.0.0-2]. */
export class WebSocketStream implements ByteStream {
  readonly remoteAddress: string;
  readonly certificate: ClientCertificate | undefined;
  private readonly socket: Socket;
  private readonly webSocket: WebSocket;
  private listener: StreamListener | undefined;
  /** Answers to pings that wait to be written. */
  private pongs = 0;
  private readonly onWritten = (): void => this.listener?.written();

  constructor(
    private readonly upgraded: UpgradedSocket,
    { remoteAddress, certificate }: Peer,
  ) {
    this.remoteAddress = remoteAddress;
    this.certificate = certificate;
    this.socket = upgraded.socket;
    this.webSocket = upgraded.webSocket;
    // What is wrong with a control frame ends as an error.
    this.webSocket.on('error', () => this.destroy());
    this.webSocket.on('ping', (data) => this.pong(data));
  }

  /** Starts to hand over what comes. */
  listen(listener: StreamListener): void {
    this.listener = listener;
    const { control } = this.upgraded;
    const reader = new FrameReader({
      data: (bytes) => listener.received(bytes),
      control: (bytes) => control.push(bytes),
      violation: (code) => this.webSocket.close(code),
    });
    this.socket.on('data', (chunk: Buffer) => reader.read(chunk));
    this.socket.on('close', () => listener.closed());
  }

  get waitingBytes(): number {
    return this.socket.writableLength;
  }

  /** In one frame, whatever it holds: MQTT is a stream. */
  write(bytes: Uint8Array): void {
    if (this.webSocket.readyState !== this.webSocket.OPEN) return;
    this.socket.cork();
    this.socket.write(binaryHeader(bytes.length));
    this.socket.write(bytes, this.onWritten);
    this.socket.uncork();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.webSocket.close(CloseCode.normal);
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Counted, as what waits behind other output holds that up too, and pings by the thousand would pile up. */
  private pong(data: Buffer): void {
    if (++this.pongs > PONGS_MAX) return this.destroy();
    this.webSocket.pong(data, false, () => {
      this.pongs--;
      this.onWritten();
    });
  }
}

/** A peer that sends more pings than this and doesn't read the answers is cut off. */
const PONGS_MAX = 60;
