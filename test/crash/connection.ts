import { connect, type Socket } from 'node:net';
import { FrameScanner, type FrameSink } from '../bench/load/frame-scanner.js';
import { Outbox } from '../bench/load/outbox.js';

/** Whoever uses a connection. */
export interface ConnectionUser extends FrameSink {
  /** All frames of a chunk were handed over: the time to write what they made necessary. */
  onChunkEnd(): void;
  /** The connection is gone without the user's doing. */
  onClosed(): void;
}

/** One buffer serves all sockets: a chunk is used up before the next read fills it again. */
const readBuffer = Buffer.allocUnsafeSlow(128 * 1024);

/** One TCP connection to the broker; what is sent is gathered until `flush`. */
export class Connection {
  private readonly socket: Socket;
  private readonly outbox: Outbox;
  private isEnded = false;

  constructor(port: number, user: ConnectionUser) {
    const scanner = new FrameScanner(user);
    const onChunk = (length: number, bytes: Uint8Array): boolean => {
      if (this.isEnded) return true;
      scanner.push(bytes, length);
      if (!this.isEnded) user.onChunkEnd();
      return true;
    };
    this.socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: { buffer: readBuffer, callback: onChunk },
    });
    this.outbox = new Outbox((bytes, done) => void this.socket.write(bytes, done));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      if (this.isEnded) return;
      this.isEnded = true;
      user.onClosed();
    });
  }

  add(bytes: Uint8Array): void {
    this.outbox.addBytes(bytes, 0, bytes.length);
  }

  addAck(header: number, packetId: number): void {
    this.outbox.addAck(header, packetId >>> 8, packetId & 255);
  }

  flush(): void {
    if (!this.isEnded) this.outbox.flush();
  }

  /** Cuts the connection, with all that is under way on it. */
  cut(): void {
    this.isEnded = true;
    this.socket.destroy();
  }

  /** Writes the last bytes and closes in good order. */
  end(lastBytes: Uint8Array): void {
    this.isEnded = true;
    this.socket.end(lastBytes);
  }
}
