import { createServer, type Server, type Socket } from 'node:net';

import type { Admission, ListenerSettings, StreamAcceptor } from '../../application/ports/byte-stream.js';
import { type ListenerLimits, replaceLimits } from '../../application/ports/listener-limits.js';
import { type AdmittedSocket, admitSocket } from './admit-socket.js';
import { type ListeningAddress, listenOn, portOf } from './listening-address.js';
import type { PeerList } from './peer-address.js';
import { readProxyHeader } from './read-proxy-header.js';
import { type Peer, SocketStream } from './socket-stream.js';
import { makeListenerTurns } from './socket-turns.js';
import type { TlsCredentials } from './tls-credentials.js';
import { secure } from './tls-handshake.js';
import { WebSocketStream } from './websocket-stream.js';
import { type WebSocketSettings, WebSocketUpgrades } from './websocket-upgrades.js';

/** Where to listen, what carries MQTT there, and what connections take from it. */
export interface SocketListenerSettings extends Omit<ListenerSettings, 'name'> {
  readonly address: ListeningAddress;
  /** The proxies that begin with a PROXY header; undefined where clients come by themselves. */
  readonly proxies: PeerList | undefined;
  /** Undefined where nothing is encrypted. */
  readonly credentials: TlsCredentials | undefined;
  /** Undefined where packets aren't carried by WebSocket. */
  readonly webSocket: WebSocketSettings | undefined;
}

/** What TLS says that will be spoken, by the names of RFC 7301. */
const Alpn = { mqtt: 'mqtt', webSocket: 'http/1.1' } as const;

/**
 * Takes connections. From its first byte to MQTT a connection goes through those of these steps that are set, in this
 * order: PROXY header, TLS handshake, request for a WebSocket.
 */
export class SocketListener {
  private readonly server: Server;
  /** Stays the same object: connections are counted by it. */
  private readonly limits: ListenerLimits;
  private entrance: Entrance;
  /** What follows the scheme in its URL; empty while it doesn't listen. */
  private place = '';

  constructor(
    settings: SocketListenerSettings,
    private readonly acceptor: StreamAcceptor,
    private readonly turns = makeListenerTurns(),
  ) {
    this.limits = { ...settings.limits };
    this.entrance = this.entranceOf(settings);
    const options = { noDelay: true, pauseOnConnect: true };
    this.server = createServer(options, (socket) => this.arrive(socket, this.entrance));
  }

  /**
   * @returns the address as a URL, with the port that was taken.
   * @throws Error that says what to do, when the address can't be had.
   */
  async start(): Promise<string> {
    const { settings } = this.entrance;
    this.place = await listenOn(this.server, settings.address);
    this.entrance = this.entranceOf(settings);
    return this.url;
  }

  get settings(): SocketListenerSettings {
    return this.entrance.settings;
  }

  get url(): string {
    return this.entrance.listener.name;
  }

  /** The port that is listened on; 0 for a Unix socket. */
  get port(): number {
    return portOf(this.server);
  }

  /** Takes no more connections; those there are go on. It may be started again. */
  stop(): void {
    this.server.close();
  }

  /** From now on connections take this from it. @param settings With the same address. */
  change(settings: SocketListenerSettings): void {
    replaceLimits(this.limits, settings.limits ?? {});
    this.entrance = this.entranceOf(settings);
  }

  private entranceOf(settings: SocketListenerSettings): Entrance {
    const { anonymousAllowed, credentials, webSocket } = settings;
    const scheme = `${webSocket === undefined ? 'mqtt' : 'ws'}${credentials === undefined ? '' : 's'}`;
    const name = `${scheme}${this.place}${webSocket?.path ?? ''}`;
    const upgrades = webSocket && new WebSocketUpgrades(webSocket);
    return { settings, listener: { name, anonymousAllowed, limits: this.limits }, upgrades };
  }

  /**
   * Gives a connection its place. Nothing is read from it before its turn: libuv takes one connection at each look at the
   * sockets, so in a storm they are taken out of the kernel's queue first, which is short, and are answered many at a time.
   */
  private arrive(socket: Socket, entrance: Entrance): void {
    const { listener, settings } = entrance;
    const { address, proxies } = settings;
    const admitted = admitSocket(socket, this.acceptor, {
      listener,
      isUnix: 'socketPath' in address,
      isProxy: proxies !== undefined,
    });
    if (admitted !== undefined)
      this.turns.arrivals.take(socket, () => this.begin(socket, entrance, admitted));
  }

  private begin(socket: Socket, entrance: Entrance, { admission, remoteAddress }: AdmittedSocket): void {
    const { proxies } = entrance.settings;
    const encrypt = (address: string): void => this.encrypt(socket, entrance, admission, address);
    if (proxies === undefined) return encrypt(remoteAddress);
    if (!proxies.has(remoteAddress)) return turnAway(socket, admission, 'untrusted_proxy');
    readProxyHeader(socket, (header) => {
      if (socket.destroyed) return;
      if (header === 'malformed') return turnAway(socket, admission, 'bad_proxy_header');
      const address = header.address ?? remoteAddress;
      if (admission.comesFrom(address)) encrypt(address);
      else socket.destroy();
    });
  }

  private encrypt(socket: Socket, entrance: Entrance, admission: Admission, remoteAddress: string): void {
    const { settings, upgrades } = entrance;
    const { credentials } = settings;
    if (credentials === undefined)
      return this.upgrade(socket, upgrades, admission, { remoteAddress, certificate: undefined });
    const alpn = upgrades === undefined ? Alpn.mqtt : Alpn.webSocket;
    this.turns.handshakes.take(socket, () =>
      secure(socket, credentials, alpn, {
        secured: (tls, certificate) => this.upgrade(tls, upgrades, admission, { remoteAddress, certificate }),
        failed: (reason, detail) => turnAway(socket, admission, reason, detail),
      }),
    );
  }

  private upgrade(
    socket: Socket,
    upgrades: WebSocketUpgrades | undefined,
    admission: Admission,
    peer: Peer,
  ): void {
    if (upgrades === undefined) {
      const stream = new SocketStream(socket, peer);
      stream.listen(admission.accept(stream), this.turns.ends);
    } else {
      this.awaitUpgrade(socket, upgrades, admission, peer);
    }
    socket.resume();
  }

  private awaitUpgrade(socket: Socket, upgrades: WebSocketUpgrades, admission: Admission, peer: Peer): void {
    upgrades.serve(socket, {
      upgraded: (webSocket) => {
        const stream = new WebSocketStream(webSocket, peer);
        stream.listen(admission.accept(stream));
      },
      // The answer is on its way, and ends the connection.
      refused: (why) => admission.refuse('upgrade_refused', why),
    });
  }
}

/** What connections come by; those that have come keep theirs. */
interface Entrance {
  readonly settings: SocketListenerSettings;
  readonly listener: ListenerSettings;
  /** Undefined where packets aren't carried by WebSocket. */
  readonly upgrades: WebSocketUpgrades | undefined;
}

function turnAway(
  socket: Socket,
  admission: Admission,
  ...[reason, detail]: Parameters<Admission['refuse']>
): void {
  admission.refuse(reason, detail);
  socket.destroy();
}
