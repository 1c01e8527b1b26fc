import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Requests of LDAP by the tag of their BER encoding (RFC 4511, 4.2 and 4.5). */
const REQUESTS: Readonly<Record<number, string>> = { 0x60: 'bind', 0x63: 'search' };

/** Stands before a directory server and notes what it is asked. Each request has to come in a piece of its own. */
export class RequestWatch {
  private seen: string[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(directoryUrl: string): Promise<RequestWatch> {
    const server = createServer();
    const watch = new RequestWatch(server);
    server.on('connection', (client) => watch.pass(client, Number(new URL(directoryUrl).port)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return watch;
  }

  get url(): string {
    return `ldap://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The requests since the last call. */
  take(): readonly string[] {
    const { seen } = this;
    this.seen = [];
    return seen;
  }

  stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private pass(client: Socket, port: number): void {
    const directory = connect({ host: '127.0.0.1', port });
    for (const socket of [client, directory]) {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.on('data', (chunk: Buffer) => {
      const request = REQUESTS[operationTag(chunk)];
      if (request !== undefined) this.seen.push(request);
    });
    client.pipe(directory).pipe(client);
  }
}

/** A sequence of the message's number and the operation. */
function operationTag(message: Buffer): number {
  const length = message[1] ?? 0;
  const number = length < 0x80 ? 2 : 2 + (length & 0x7f);
  return message[number + 2 + (message[number + 1] ?? 0)] ?? 0;
}
