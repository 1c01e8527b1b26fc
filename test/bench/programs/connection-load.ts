import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import process from 'node:process';
import { ownCpuSeconds } from '../load/cpu-seconds.js';
import { encodeConnect, encodeSubscribe } from '../load/frames.js';

/**
 * Holds many connections to a broker at 127.0.0.1, each with one subscription: `connection-load PORT COUNT [AT_A_TIME]`.
 * First it opens them some at a time, and prints `connected`. At SIGUSR2 all of them are cut and come back, so many at a
 * time, and it prints how fast they did. Without AT_A_TIME all come at the same moment, however few the broker takes:
 * clients don't know of each other. Ends at SIGTERM; exit code 1 when a connection is refused or breaks.
 */
const [port = 0, count = 0, atATime = count] = process.argv.slice(2).map(Number);

/** Connections that are opened at a time at first. */
const OPENED_AT_A_TIME = 100;
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

/** Makes a client ready. @returns what has it connect, until the broker has accepted it, and its subscription if it has one. */
function prepare(index: number, withSubscription: boolean): () => Promise<Socket> {
  let awaited = CONNACK;
  let accepted: (socket: Socket) => void;
  const answered = (length: number, bytes: Uint8Array): boolean => {
    if (awaited === CONNACK && bytes[3] !== 0) fail(`client ${index} was refused with ${bytes[3]}`);
    const last = withSubscription ? SUBACK : CONNACK;
    if (awaited === CONNACK && last === SUBACK) {
      awaited = SUBACK;
      socket.write(encodeSubscribe([`load/${index}/command`], 0));
    } else if (length > 0) {
      accepted(socket);
    }
    return true;
  };
  // The types have it for `connect` alone, which hands it on to the constructor.
  const options: SocketConstructorOpts & ConnectOpts = {
    onread: { buffer: READ_BUFFER, callback: answered },
  };
  const socket = new Socket(options);
  socket.setNoDelay(true);
  socket.on('error', (error) => fail(error.message));
  return () =>
    new Promise((resolve) => {
      accepted = resolve;
      const localAddress = `127.0.1.${1 + (index % ADDRESSES)}`;
      socket.connect({ port, host: '127.0.0.1', localAddress }, () =>
        socket.write(encodeConnect(`client-${index}`, true, {})),
      );
    });
}

/** Has clients connect, so many at a time. @returns their sockets. */
async function connectAll(clients: readonly (() => Promise<Socket>)[], atATime: number): Promise<Socket[]> {
  const connected: Socket[] = [];
  let next = 0;
  const connectSome = async (): Promise<void> => {
    for (let connect = clients[next++]; connect !== undefined; connect = clients[next++])
      connected.push(await connect());
  };
  await Promise.all(Array.from({ length: atATime }, connectSome));
  return connected;
}

const prepareAll = (withSubscription: boolean): (() => Promise<Socket>)[] =>
  Array.from({ length: count }, (_, index) => prepare(index, withSubscription));

async function openAll(): Promise<void> {
  sockets = await connectAll(prepareAll(true), OPENED_AT_A_TIME);
  process.stdout.write('connected\n');
}

async function comeBack(): Promise<void> {
  const clients = prepareAll(false);
  for (const socket of sockets) socket.destroy();
  const startMs = performance.now();
  const startCpu = ownCpuSeconds();
  sockets = await connectAll(clients, atATime);
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

process.on('SIGUSR2', () => void comeBack());
process.on('SIGTERM', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();
void openAll();
