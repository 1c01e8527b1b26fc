import { connect, type Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { FrameScanner } from '../load/frame-scanner.js';
import { encodeConnect, encodeSubscribe, publishTemplate } from '../load/frames.js';

/**
 * Does something wide to a broker at 127.0.0.1, and measures how long others wait meanwhile: a client that publishes to
 * itself every two milliseconds. `stall-load PORT retained|subscribe COUNT` prints one line of key=value pairs.
 *
 * `retained`: publishes COUNT retained messages, then has another client subscribe to all of them with a wildcard.
 * `subscribe`: a hundred clients subscribe at the same moment to COUNT filters in all, a thousand in each SUBSCRIBE.
 *
 * For as long as this program is busy itself its client waits too: `load_loop_ms_max` tells how long that was at most.
 */
const [portText = '0', task = 'retained', countText = '0'] = process.argv.slice(2);
const port = Number(portText);
const count = Number(countText);

const PAYLOAD_BYTES = 100;
/** Retained messages that are written at a time. */
const BATCH = 500;
const SUBSCRIBERS = 100;
const FILTERS_PER_SUBSCRIBE = 1000;
const PROBE_EVERY_MS = 2;
const LOOP_RESOLUTION_MS = 1;
/** How long others are measured before anything happens. */
const QUIET_MS = 2000;
const WAIT_MS_MAX = 60_000;

const Header = { connack: 0x20, publish: 0x30, suback: 0x90 } as const;

/** One connection that counts what comes. */
class Client {
  connacks = 0;
  subacks = 0;
  publishes = 0;
  onPublish: (() => void) | undefined;
  readonly socket: Socket;

  constructor(id: string) {
    const scanner = new FrameScanner({
      onFrame: (header) => {
        const type = header & 0xf0;
        if (type === Header.publish) {
          this.publishes++;
          this.onPublish?.();
        } else if (type === Header.suback) this.subacks++;
        else if (type === Header.connack) this.connacks++;
      },
    });
    const callback = (length: number, bytes: Uint8Array): boolean => {
      scanner.push(bytes, length);
      return true;
    };
    this.socket = connect({
      ...{ port, host: '127.0.0.1', noDelay: true },
      onread: { buffer: Buffer.allocUnsafeSlow(65_536), callback },
    });
    this.socket.on('error', fail).on('close', () => fail(new Error(`the connection of ${id} was closed`)));
    this.socket.write(encodeConnect(id, true, {}));
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.socket.write(bytes)) await new Promise((resolve) => this.socket.once('drain', resolve));
  }

  /** @param packet SUBSCRIBE. */
  async subscribe(packet: Uint8Array): Promise<void> {
    const awaited = this.subacks + 1;
    await this.write(packet);
    await until(() => this.subacks >= awaited);
  }
}

/** Publishes to itself all the time; one message is under way at most, so that a stall is measured in full. */
class Canary {
  longestMs = 0;
  private readonly client = new Client('canary');
  private readonly frame = publishTemplate('load/canary', 0, 0, 12).frame;
  private sentMs: number | undefined;

  async start(): Promise<void> {
    await until(() => this.client.connacks === 1);
    await this.client.subscribe(encodeSubscribe(['load/canary'], 0));
    this.client.onPublish = () => {
      if (this.sentMs !== undefined)
        this.longestMs = Math.max(this.longestMs, performance.now() - this.sentMs);
      this.sentMs = undefined;
    };
    setInterval(() => {
      if (this.sentMs !== undefined) return;
      this.sentMs = performance.now();
      void this.client.write(this.frame);
    }, PROBE_EVERY_MS);
  }

  /** What is measured from now until `done` has settled: nothing of what went on before. */
  async during(done: () => Promise<void>): Promise<Readonly<Record<'stallMs' | 'ownMs' | 'tookMs', number>>> {
    await until(() => this.sentMs === undefined);
    const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
    loop.enable();
    const startMs = performance.now();
    this.longestMs = 0;
    await done();
    const tookMs = performance.now() - startMs;
    await until(() => this.sentMs === undefined);
    loop.disable();
    const ownMs = Math.max(0, loop.max / 1e6 - LOOP_RESOLUTION_MS);
    return { stallMs: this.longestMs, ownMs, tookMs };
  }
}

async function retained(): Promise<() => Promise<void>> {
  const publisher = new Client('publisher');
  for (let first = 0; first < count; first += BATCH) {
    const frames = Array.from({ length: Math.min(BATCH, count - first) }, (_, i) => {
      const { frame } = publishTemplate(`load/kept/${(first + i) % 1000}/${first + i}`, 0, 0, PAYLOAD_BYTES);
      frame[0] = frame[0]! | 1;
      return frame;
    });
    await publisher.write(Buffer.concat(frames));
  }
  // Its own echo says that the broker has read all before it.
  await publisher.subscribe(encodeSubscribe(['load/echo'], 0));
  const subscriber = new Client('subscriber');
  await until(() => subscriber.connacks === 1);
  return async () => {
    await subscriber.subscribe(encodeSubscribe(['load/kept/#'], 0));
    await until(() => subscriber.publishes >= count);
  };
}

async function subscribe(): Promise<() => Promise<void>> {
  const clients = Array.from({ length: SUBSCRIBERS }, (_, i) => new Client(`subscriber-${i}`));
  await until(() => clients.every(({ connacks }) => connacks === 1));
  const each = Math.ceil(count / SUBSCRIBERS);
  const packets = clients.map((_, client) =>
    Array.from({ length: Math.ceil(each / FILTERS_PER_SUBSCRIBE) }, (_, packet) => {
      const first = client * each + packet * FILTERS_PER_SUBSCRIBE;
      const size = Math.min(FILTERS_PER_SUBSCRIBE, each - packet * FILTERS_PER_SUBSCRIBE);
      const filters = Array.from(
        { length: size },
        (_, i) => `load/site/${(first + i) % 1000}/${first + i}/+`,
      );
      return encodeSubscribe(filters, 0);
    }),
  );
  return async () => {
    await Promise.all(
      clients.map(async (client, i) => {
        for (const packet of packets[i] ?? []) await client.subscribe(packet);
      }),
    );
  };
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MS_MAX;
  while (!isSo()) {
    if (performance.now() > deadline) fail(new Error('the broker took too long'));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function fail(error: Error): never {
  process.stderr.write(`error: ${error.message}\n`);
  process.exit(1);
}

const canary = new Canary();
await canary.start();
const act = await (task === 'retained' ? retained() : subscribe());
const quiet = await canary.during(() => new Promise((resolve) => setTimeout(resolve, QUIET_MS)));
const fromMs = Date.now();
const { stallMs, ownMs, tookMs } = await canary.during(act);
const values = {
  stall_ms: stallMs.toFixed(2),
  quiet_ms: quiet.stallMs.toFixed(2),
  load_loop_ms_max: ownMs.toFixed(2),
  took_s: (tookMs / 1000).toFixed(3),
  per_s: Math.round((count / tookMs) * 1000),
  from_ms: fromMs,
  to_ms: Date.now(),
};
const line = Object.entries(values).map(([key, value]) => `${key}=${value}`);
process.stdout.write(`${line.join(' ')}\n`, () => process.exit(0));
