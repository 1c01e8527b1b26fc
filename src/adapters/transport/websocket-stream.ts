import type { WebSocket } from 'ws';

import type { ByteStream, StreamListener } from '../../application/ports/byte-stream.js';
import type { ClientCertificate } from '../../domain/access/client-certificate.js';
import type { Peer } from './socket-stream.js';

/** Close codes of RFC 6455, 7.4.1. */
const CloseCode = { normal: 1000, unsupportedData: 1003 } as const;

/** A WebSocket connection as a stream of bytes: where its frames end means nothing [MQTT-6.0.0-2]. */
export class WebSocketStream implements ByteStream {
  readonly remoteAddress: string;
  readonly certificate: ClientCertificate | undefined;
  private listener: StreamListener | undefined;
  /** Answers to pings that wait to be written. */
  private pongs = 0;
  private readonly onWritten = (): void => this.listener?.written();

  constructor(
    private readonly socket: WebSocket,
    { remoteAddress, certificate }: Peer,
  ) {
    this.remoteAddress = remoteAddress;
    this.certificate = certificate;
    // Also what is no WebSocket frame, or too large, ends as an error.
    socket.on('error', () => socket.terminate());
    socket.on('ping', (data) => this.pong(data));
  }

  /** Starts to hand over what comes. */
  listen(listener: StreamListener): void {
    this.listener = listener;
    this.socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) listener.received(data);
      else this.refuseText();
    });
    this.socket.on('close', () => listener.closed());
  }

  get waitingBytes(): number {
    return this.socket.bufferedAmount;
  }

  write(bytes: Uint8Array): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(bytes, BINARY, this.onWritten);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.socket.close(CloseCode.normal);
  }

  destroy(): void {
    this.socket.terminate();
  }

  /** Counted, as what waits behind other output holds that up too, and pings by the thousand would pile up. */
  private pong(data: Buffer): void {
    if (++this.pongs > PONGS_MAX) return this.socket.terminate();
    this.socket.pong(data, false, () => {
      this.pongs--;
      this.onWritten();
    });
  }

  /** Only binary frames carry MQTT; what comes after another one is not looked at [MQTT-6.0.0-1]. */
  private refuseText(): void {
    this.socket.removeAllListeners('message');
    this.socket.close(CloseCode.unsupportedData, 'MQTT travels in binary frames');
  }
}

const BINARY = { binary: true };
/** A peer that sends more pings than this and doesn't read the answers is cut off. */
const PONGS_MAX = 60;
