import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { publishTemplate } from '../../bench/load/frames.js';
import { parseLoadOptions } from '../../bench/load/load-options.js';
import { Publisher } from '../../bench/load/publisher.js';
import { Subscriber } from '../../bench/load/subscriber.js';
import { Tally } from '../../bench/load/tally.js';

/** A peer that accepts any CONNECT and keeps the bytes that follow. */
class FakeBroker {
  readonly received: Buffer[] = [];
  socket: Socket | undefined;
  onBytes: () => void = () => undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeBroker> {
    const server = createServer();
    const broker = new FakeBroker(server);
    server.on('connection', (socket) => {
      broker.socket = socket;
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write(Buffer.from([0x20, 2, 0, 0]));
        socket.on('data', (chunk) => {
          broker.received.push(chunk);
          broker.onBytes();
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return broker;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async receives(bytes: number): Promise<Buffer> {
    return new Promise((resolve) => {
      this.onBytes = () => {
        const all = Buffer.concat(this.received);
        if (all.length >= bytes) resolve(all);
      };
      this.onBytes();
    });
  }

  async stop(): Promise<void> {
    this.socket?.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function fakeBroker(): Promise<FakeBroker> {
  const broker = await FakeBroker.start();
  ends.push(() => broker.stop());
  return broker;
}

const silent = { onProgress: () => undefined, onBreak: () => undefined };

describe('a subscriber of the load generator', () => {
  async function misorderedAfter(numbers: readonly number[]): Promise<number> {
    const broker = await fakeBroker();
    const options = parseLoadOptions(['--port', String(broker.port), '--pubs', '2']);
    const tally = new Tally(2);
    const done = new Promise<void>((resolve) => {
      const onProgress = (): void => {
        if (tally.received[1] === numbers.length) resolve();
      };
      const subscriber = new Subscriber(0, options, tally, { ...silent, onProgress });
      ends.push(() => subscriber.end(100));
      void subscriber.open([]).then(() => {
        const { frame, payloadAt } = publishTemplate('load/1', 0, 1, 100);
        for (const number of numbers) {
          frame.writeUInt32BE(number, payloadAt + 8);
          broker.socket?.write(Buffer.from(frame));
        }
      });
    });
    await done;
    return tally.misordered;
  }

  test('finds nothing amiss with numbers that follow each other', async () => {
    expect(await misorderedAfter([0, 1, 2, 3])).toBe(0);
  });

  test('counts a message that was left out', async () => {
    expect(await misorderedAfter([0, 1, 3, 4])).toBe(1);
  });

  test('counts messages that changed places, and one that came again', async () => {
    expect(await misorderedAfter([0, 2, 1, 3])).toBe(3);
    expect(await misorderedAfter([0, 1, 1, 2])).toBe(1);
  });
});

describe('a publisher of the load generator', () => {
  async function sent(flags: readonly string[], counts: readonly number[]): Promise<Buffer[]> {
    const broker = await fakeBroker();
    const options = parseLoadOptions(['--port', String(broker.port), ...flags]);
    const publisher = new Publisher(0, options, new Tally(1), silent);
    ends.push(() => publisher.end(100));
    await publisher.open();
    for (const count of counts) publisher.send(count);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const stride = 2 + 2 + 'load/0/t00'.length + 12;
    const bytes = await broker.receives(total * stride);
    return Array.from({ length: total }, (_, i) => bytes.subarray(i * stride, (i + 1) * stride));
  }

  test('takes its topics in turn and numbers its messages on, from batch to batch', async () => {
    const frames = await sent(['--topics', '3', '--size', '12'], [2, 3]);
    expect(frames.map((frame) => frame.subarray(4, 14).toString())).toEqual(
      [0, 1, 2, 0, 1].map((topic) => `load/0/t0${topic}`),
    );
    expect(frames.map((frame) => frame.readUInt32BE(frame.length - 4))).toEqual([0, 1, 2, 3, 4]);
  });

  test('sends every message of a batch that goes out in single writes', async () => {
    const frames = await sent(['--topics', '2', '--size', '12', '--batch', '1', '--first', '7'], [5]);
    expect(frames.map((frame) => frame.readUInt32BE(frame.length - 4))).toEqual([7, 8, 9, 10, 11]);
  });
});
