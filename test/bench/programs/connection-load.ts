import { connect, type Socket } from 'node:net';
import process from 'node:process';
import { ownCpuSeconds } from '../load/cpu-seconds.js';
import { encodeConnect, encodeSubscribe } from '../load/frames.js';

/**
 * Holds many connections to a broker at 127.0.0.1, each with one subscription: `connection-load PORT COUNT`. First it opens
 * them some at a time, and prints `connected`. At SIGUSR2 all of them are cut and come back, all at the same time, and it
 * prints how fast they did. Ends at SIGTERM; exit code 1 when a connection is refused or breaks.
 */
const [port = 0, count = 0] = process.argv.slice(2).map(Number);

/** Connections that are opened at a time at first. */
const AT_A_TIME = 100;
const CONNACK = 0x20;
const SUBACK = 0x90;
/**
 * Addresses that connections come from: of one alone the ports are so nearly used up, by those that were just closed as
 * well, that to find one takes the kernel longer than all else.
 */
const ADDRESSES = 100;
/** All answers are so short that nothing of them has to be kept: one buffer is read into by all. */
const READ_BUFFER = Buffer.alloc(1024);

let sockets: Socket[] = [];

/** @returns when the broker has accepted the client, and its subscription if it has one. */
function open(index: number, withSubscription: boolean): Promise<Socket> {
  return new Promise((resolve) => {
    let awaited = CONNACK;
    const answered = (length: number, bytes: Uint8Array): boolean => {
      if (awaited === CONNACK && bytes[3] !== 0) fail(`client ${index} was refused with ${bytes[3]}`);
      const last = withSubscription ? SUBACK : CONNACK;
      if (awaited === CONNACK && last === SUBACK) {
        awaited = SUBACK;
        socket.write(encodeSubscribe([`load/${index}/command`], 0));
      } else if (length > 0) {
        resolve(socket);
      }
      return true;
    };
    const socket = connect({
      ...{ port, host: '127.0.0.1', localAddress: `127.0.1.${1 + (index % ADDRESSES)}`, noDelay: true },
      onread: { buffer: READ_BUFFER, callback: answered },
    });
    socket.on('error', (error) => fail(error.message));
    socket.write(encodeConnect(`client-${index}`, true, {}));
  });
}

async function openAll(): Promise<void> {
  let next = 0;
  const openSome = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      sockets[index] = await open(index, true);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, openSome));
  process.stdout.write('connected\n');
}

async function storm(): Promise<void> {
  for (const socket of sockets) socket.destroy();
  const startMs = performance.now();
  const startCpu = ownCpuSeconds();
  sockets = await Promise.all(sockets.map((_, index) => open(index, false)));
  const seconds = (performance.now() - startMs) / 1000;
  const loadCpu = (ownCpuSeconds() - startCpu) / seconds;
  const values = {
    connects_per_s: Math.round(count / seconds),
    storm_s: seconds.toFixed(3),
    load_cpu: loadCpu,
  };
  const line = Object.entries(values).map(([key, value]) => `${key}=${value}`);
  process.stdout.write(`${line.join(' ')} from_ms=${performance.timeOrigin + startMs} to_ms=${Date.now()}\n`);
}

function fail(why: string): never {
  process.stderr.write(`error: ${why}\n`);
  process.exit(1);
}

process.on('SIGUSR2', () => void storm());
process.on('SIGTERM', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();
void openAll();
