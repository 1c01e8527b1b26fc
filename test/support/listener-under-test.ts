import type { Socket } from 'node:net';
import type {
  Arrival,
  ByteStream,
  ListenerSettings,
  StreamAcceptor,
} from '../../src/application/ports/byte-stream.js';
import { SocketListener, type SocketListenerSettings } from '../../src/adapters/transport/socket-listener.js';

/** One connection that became a stream, and what its listener was told. */
export interface Accepted {
  readonly stream: ByteStream;
  readonly received: Buffer[];
  written: number;
  closed: number;
}

/** An acceptor that keeps what it is told. */
export class RecordingAcceptor implements StreamAcceptor {
  readonly arrivals: Arrival[] = [];
  readonly accepted: Accepted[] = [];
  /** `reason` or `reason: detail`, in order; `left` for those that ended by themselves. */
  readonly ends: string[] = [];
  readonly addresses: string[] = [];
  listener: ListenerSettings | undefined;
  /** What the next arrivals get. */
  policy: 'admit' | 'no-place' | 'no-place-for-address' = 'admit';

  admit(arrival: Arrival, listener: ListenerSettings): ReturnType<StreamAcceptor['admit']> {
    this.arrivals.push(arrival);
    this.listener = listener;
    if (this.policy === 'no-place') return undefined;
    let isOver = false;
    const end = (how: string): void => {
      if (!isOver) this.ends.push(how);
      isOver = true;
    };
    return {
      comesFrom: (address) => {
        this.addresses.push(address);
        return this.policy !== 'no-place-for-address';
      },
      accept: (stream) => {
        isOver = true;
        const each: Accepted = { stream, received: [], written: 0, closed: 0 };
        this.accepted.push(each);
        return {
          received: (bytes) => void each.received.push(Buffer.from(bytes)),
          written: () => (each.written += 1),
          closed: () => (each.closed += 1),
        };
      },
      refuse: (reason, detail) => end(detail === undefined ? reason : `${reason}: ${detail}`),
      leave: () => end('left'),
    };
  }
}

/** What a listener is like unless a test says otherwise: plain MQTT by TCP, on a free port. */
export const PLAIN: SocketListenerSettings = {
  address: { host: '127.0.0.1', port: 0 },
  anonymousAllowed: true,
  proxies: undefined,
  credentials: undefined,
  webSocket: undefined,
};

export const WEB_SOCKET: NonNullable<SocketListenerSettings['webSocket']> = {
  path: '/mqtt',
  allowedOrigins: [],
};

/** A listener that has started, and who takes its connections. */
export interface StartedListener {
  readonly listener: SocketListener;
  readonly url: string;
  readonly acceptor: RecordingAcceptor;
}

const started: SocketListener[] = [];
const opened: Socket[] = [];

/** Starts a listener that `endListeners` stops. */
export async function startListener(
  settings: Partial<SocketListenerSettings> = {},
): Promise<StartedListener> {
  const acceptor = new RecordingAcceptor();
  const listener = new SocketListener({ ...PLAIN, ...settings }, acceptor);
  const url = await listener.start();
  started.push(listener);
  return { listener, url, acceptor };
}

/** Keeps a client's socket for `endListeners`; its errors are no faults of a test. */
export function keepSocket<S extends Socket>(socket: S): S {
  opened.push(socket);
  return socket.on('error', () => undefined);
}

/** Ends the listeners that were started, and the clients' sockets that were kept; call it in `afterEach`. */
export function endListeners(): void {
  for (const socket of opened.splice(0)) socket.destroy();
  for (const listener of started.splice(0)) listener.stop();
}
