import type { StreamAcceptor } from '../../application/ports/byte-stream.js';
import type { Logger } from '../../application/ports/logger.js';
import type { Prepared } from '../../application/ports/reloadable.js';
import { SocketListener, type SocketListenerSettings } from './socket-listener.js';
import { makeListenerTurns } from './socket-turns.js';
import type { TlsCredentials } from './tls-credentials.js';

/** All listeners of a broker. Each is known by its address; everything else of it may change while it listens. */
export class SocketListeners {
  private readonly turns = makeListenerTurns();
  private current: readonly SocketListener[];

  constructor(
    settings: readonly SocketListenerSettings[],
    private readonly acceptor: StreamAcceptor,
    private readonly logger: Logger,
  ) {
    this.current = settings.map((each) => this.make(each));
  }

  /** The port of the first listener. */
  get port(): number {
    return this.current[0]?.port ?? 0;
  }

  /** Of those with TLS. */
  get credentials(): readonly TlsCredentials[] {
    return this.current.flatMap(({ settings }) => settings.credentials ?? []);
  }

  /** @returns the addresses as URLs. @throws Error that says what to do, when an address can't be had. */
  async start(): Promise<readonly string[]> {
    const urls = [];
    for (const listener of this.current) urls.push(await listener.start());
    return urls;
  }

  /** Takes no more connections; those there are go on. */
  stop(): void {
    for (const listener of this.current) listener.stop();
  }

  /**
   * Listens at the addresses that are new. Those that are no longer listened at are given up when it is in force; before
   * that, if a new one needs the place.
   * @throws Error that says what to do, when an address can't be had: all is as it was then.
   */
  async prepare(settings: readonly SocketListenerSettings[]): Promise<Prepared> {
    const left = [...this.current];
    const next = settings.map((each) => {
      const index = left.findIndex((listener) => addressOf(listener.settings) === addressOf(each));
      const [held] = index === -1 ? [] : left.splice(index, 1);
      return { settings: each, held, listener: held ?? this.make(each) };
    });
    const added = next.flatMap(({ held, listener }) => (held === undefined ? listener : []));
    const inTheWay = left.filter((old) => added.some((listener) => isInTheWay(old, listener)));
    const back = async (): Promise<void> => {
      for (const listener of added) listener.stop();
      for (const listener of inTheWay) await listener.start();
    };
    for (const listener of inTheWay) listener.stop();
    try {
      for (const listener of added) await listener.start();
    } catch (error) {
      await back();
      throw error;
    }
    const apply = (): void => {
      for (const { held, settings: own } of next) held?.change(own);
      for (const listener of left) listener.stop();
      this.current = next.map(({ listener }) => listener);
      for (const { url } of added) this.logger.info('listening', { url });
      for (const { url } of left) this.logger.info('no longer listening', { url });
    };
    return { apply, discard: () => void this.orTell(back()) };
  }

  private make(settings: SocketListenerSettings): SocketListener {
    return new SocketListener(settings, this.acceptor, this.turns);
  }

  private async orTell(done: Promise<void>): Promise<void> {
    await done.catch((error: unknown) =>
      this.logger.error('a listener could not be started again', { reason: String(error) }),
    );
  }
}

function addressOf({ address }: SocketListenerSettings): string {
  return JSON.stringify(address);
}

/** Whether one can only listen when the other doesn't: at a port of all addresses, or at a path with another mode. */
function isInTheWay({ settings: { address: old } }: SocketListener, { settings }: SocketListener): boolean {
  const { address } = settings;
  if ('socketPath' in address) return 'socketPath' in old && old.socketPath === address.socketPath;
  return 'port' in old && old.port === address.port && address.port !== 0;
}
