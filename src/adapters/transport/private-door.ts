import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import type { StreamAcceptor } from '../../application/ports/byte-stream.js';
import { admitSocket } from './admit-socket.js';
import { SocketStream } from './socket-stream.js';

/** A way in that is open for a moment. */
export interface OpenDoor {
  /** The path of the socket to connect to. */
  readonly path: string;
  /** Takes no further connection, and removes the socket. */
  close(): void;
}

/**
 * A way in for the broker's own client: a Unix socket in a folder that only this user can enter, there only while the
 * client connects. So it needs no port, no certificate, and no credentials that the configuration would have to hold.
 */
export class PrivateDoor {
  /** @param name Names it as a listener. */
  constructor(
    private readonly acceptor: StreamAcceptor,
    private readonly name: string,
  ) {}

  /** @throws when there is no place for the socket. */
  async open(): Promise<OpenDoor> {
    const folder = mkdtempSync(join(tmpdir(), 'surety-'));
    const path = process.platform === 'win32' ? `\\\\.\\pipe\\${folder}` : join(folder, 'canary');
    const server = createServer((socket) => this.arrive(socket));
    const close = (): void => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      await once(server.listen(path), 'listening');
    } catch (error) {
      close();
      throw error;
    }
    return { path, close };
  }

  private arrive(socket: Socket): void {
    const listener = { name: this.name, anonymousAllowed: false };
    // Limits on one address would count it among the clients of other Unix sockets.
    const admitted = admitSocket(socket, this.acceptor, { listener, isUnix: true, isProxy: true });
    if (admitted === undefined) return;
    const { admission, remoteAddress } = admitted;
    const stream = new SocketStream(socket, { remoteAddress, certificate: undefined });
    stream.listen(admission.accept(stream));
  }
}
