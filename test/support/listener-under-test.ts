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

export async function startListener(
  settings: Partial<SocketListenerSettings> = {},
): Promise<StartedListener> {
  const acceptor = new RecordingAcceptor();
  const listener = new SocketListener({ ...PLAIN, ...settings }, acceptor);
  return { listener, url: await listener.start(), acceptor };
}
