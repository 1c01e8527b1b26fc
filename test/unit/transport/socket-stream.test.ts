import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { SocketStream } from '../../../src/adapters/transport/socket-stream.js';
import { SocketTurns } from '../../../src/adapters/transport/socket-turns.js';

/** Two ends of a connection. */
async function pair(): Promise<{ server: Socket; client: Socket; close: () => void }> {
  const listener = createServer();
  const arrived = once(listener, 'connection');
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  const [server] = (await arrived) as [Socket];
  return {
    server,
    client,
    close: () => {
      for (const socket of [server, client]) socket.destroy();
      listener.close();
    },
  };
}

/** Turns that come when the test says so. */
class HeldTurns extends SocketTurns {
  readonly begin: (() => void)[] = [];

  constructor() {
    super(1);
  }

  override take(_socket: Socket, begin: () => void): void {
    this.begin.push(begin);
  }
}

test('a connection whose peer has ended it is closed when its turn has come, and sends what it still has before', async () => {
  const { server, client, close } = await pair();
  try {
    const turns = new HeldTurns();
    let closed = 0;
    const stream = new SocketStream(server, { remoteAddress: '127.0.0.1', certificate: undefined });
    stream.listen(
      { received: () => undefined, written: () => undefined, closed: () => (closed += 1) },
      turns,
    );
    const ended = once(server, 'end');
    client.end();
    await ended;
    expect([closed, turns.begin.length]).toEqual([0, 1]);
    const read: Buffer[] = [];
    client.on('data', (chunk: Buffer) => read.push(chunk));
    stream.write(Buffer.from('rest'));
    turns.begin[0]!();
    await Promise.all([once(client, 'close'), once(server, 'close')]);
    expect([Buffer.concat(read).toString(), closed]).toEqual(['rest', 1]);
  } finally {
    close();
  }
});
