import { connect, type Socket } from 'node:net';

/** What the driver tells of the connection that it wants. */
interface SocketRequest {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path: string | false | undefined;
  readonly ssl: unknown;
}

/** The driver takes the host for the name in the server's certificate from here. */
type NamedSocket = Socket & { host?: string; port?: number };

const connectMsMax = 10_000;

/** After a server hung up at once, further attempts fail for so long, instead of repeating without a pause. */
const hungUpMs = 250;

/** The first byte of the answer of a server that has no TLS to offer. */
const noTls = 'N'.charCodeAt(0);

/**
 * Makes the sockets of one pool. The driver's own way retries for ever, and at full speed, when something accepts
 * the connection and closes it without a word, as a proxy before a stopped server does: the query would
 * never fail. Here it fails.
 */
export function socketFactory(): (request: SocketRequest) => Promise<Socket> {
  let hungUpAtMs = -Infinity;
  return async (request) => {
    if (performance.now() - hungUpAtMs < hungUpMs) throw failure('ECONNRESET', 'the server hung up');
    const socket = await open(request);
    socket.once('close', () => {
      if (socket.bytesRead === 0) hungUpAtMs = performance.now();
    });
    announceClose(socket);
    if (typeof request.ssl === 'object' && request.ssl !== null) requireTls(socket);
    return socket;
  };
}

function open({ host, port, path }: SocketRequest): Promise<Socket> {
  const address =
    typeof path === 'string' ? { path } : { host: host[0] ?? 'localhost', port: port[0] ?? 5432 };
  return new Promise((resolve, reject) => {
    const socket: NamedSocket = connect(address);
    if ('host' in address) Object.assign(socket, address);
    // Commits go out as one small packet, which must not wait for a fuller one.
    socket.setNoDelay(true);
    const timer = setTimeout(() => {
      socket.destroy(failure('CONNECT_TIMEOUT', `no answer in ${connectMsMax / 1000} s`));
    }, connectMsMax);
    socket.once('error', reject);
    socket.once('close', () => clearTimeout(timer));
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/**
 * Tells the driver of every end as of an error, and of the close a little later. Where it hears of a close alone it
 * forgets the socket before it fails the queries, and whatever these send then, a rollback say, ends the process.
 */
function announceClose(socket: Socket): void {
  const emit = socket.emit.bind(socket) as (event: string, ...args: unknown[]) => boolean;
  const later = (event: string, ...args: unknown[]): boolean => {
    if (event !== 'close') return emit(event, ...args);
    const [hadError] = args;
    if (hadError !== true && socket.listenerCount('error') > 0) {
      emit('error', failure('ECONNRESET', 'the server closed the connection'));
    }
    setImmediate(() => setImmediate(() => emit('close', false)));
    return true;
  };
  socket.emit = later as Socket['emit'];
}

/** The driver would start the TLS handshake even so, and fail without saying why. */
function requireTls(socket: Socket): void {
  socket.once('data', (answer: Buffer) => {
    if (answer[0] === noTls) socket.destroy(failure('ERR_SSL_NOT_OFFERED', 'the server does not offer TLS'));
  });
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
