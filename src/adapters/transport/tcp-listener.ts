import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import type { ListenerSettings, StreamAcceptor } from '../../application/ports/byte-stream.js';
import { TcpStream } from './tcp-stream.js';

/** Where to listen, and what connections take from it. */
export interface TcpListenerSettings extends Omit<ListenerSettings, 'name'> {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** Connections that wait to be accepted; what the kernel allows may be less. */
const BACKLOG = 4096;

/** Takes TCP connections. */
export class TcpListener {
  private readonly server: Server;
  private url = '';

  constructor(
    private readonly settings: TcpListenerSettings,
    private readonly acceptor: StreamAcceptor,
  ) {
    this.server = createServer({ noDelay: true }, (socket) => this.accept(socket));
  }

  /**
   * @returns the address as a URL, with the port that was taken.
   * @throws Error that says what to do, when the address can't be had.
   */
  async start(): Promise<string> {
    const { host, port } = this.settings;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
      this.server.listen({ host, port, backlog: BACKLOG }, resolve);
    });
    const address = this.server.address() as AddressInfo;
    const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return (this.url = `mqtt://${shownHost}:${address.port}`);
  }

  /** The port that is listened on. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Takes no more connections; those there are go on. */
  stop(): void {
    this.server.close();
  }

  private accept(socket: Socket): void {
    const stream = new TcpStream(socket);
    const listener = this.acceptor.accept(stream, {
      name: this.url,
      anonymousAllowed: this.settings.anonymousAllowed,
    });
    if (listener !== undefined) stream.listen(listener);
  }
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const where = `${host}:${port}`;
  const advice: Record<string, string> = {
    EADDRINUSE: `${where} is taken by another program: stop it, or set another port (SURETY_PORT)`,
    EACCES: `no permission to listen on ${where}: ports below 1024 need a privilege, so set a higher one (SURETY_PORT)`,
    EADDRNOTAVAIL: `this machine has no address ${host}: set one that it has (SURETY_HOST)`,
    ENOTFOUND: `the host name ${host} is unknown: set an address of this machine (SURETY_HOST)`,
  };
  return new Error(advice[error.code ?? ''] ?? `can't listen on ${where}: ${error.message}`, {
    cause: error,
  });
}
