import { createServer, type Server, type Socket } from 'node:net';

import type { ListenerSettings, StreamAcceptor } from '../../application/ports/byte-stream.js';
import type { Listener } from './listener.js';
import { type ListeningAddress, listenOn, portOf } from './listening-port.js';
import { TcpStream } from './tcp-stream.js';

/** Where to listen, and what connections take from it. */
export interface TcpListenerSettings extends ListeningAddress, Omit<ListenerSettings, 'name'> {}

/** Takes TCP connections. */
export class TcpListener implements Listener {
  private readonly server: Server;
  private url = '';

  constructor(
    private readonly settings: TcpListenerSettings,
    private readonly acceptor: StreamAcceptor,
  ) {
    this.server = createServer({ noDelay: true }, (socket) => this.accept(socket));
  }

  async start(): Promise<string> {
    return (this.url = `mqtt://${await listenOn(this.server, this.settings)}`);
  }

  get port(): number {
    return portOf(this.server);
  }

  stop(): void {
    this.server.close();
  }

  private accept(socket: Socket): void {
    const { anonymousAllowed, limits } = this.settings;
    const settings = { name: this.url, anonymousAllowed, limits };
    const admission = this.acceptor.admit(socket.remoteAddress ?? 'unknown', settings);
    if (admission === undefined) return void socket.destroy();
    const stream = new TcpStream(socket);
    stream.listen(admission.accept(stream));
  }
}
