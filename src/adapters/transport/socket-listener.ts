import { createServer, type Server, type Socket } from 'node:net';

import type { Admission, ListenerSettings, StreamAcceptor } from '../../application/ports/byte-stream.js';
import type { ListenerLimits } from '../../application/ports/listener-limits.js';
import { admitSocket } from './admit-socket.js';
import type { Listener } from './listener.js';
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

/** What can be set anew while a listener listens. */
export type LiveListenerSettings = Required<Pick<ListenerSettings, 'anonymousAllowed' | 'limits'>> & {
  readonly allowedOrigins: readonly string[];
} & Pick<SocketListenerSettings, 'proxies'>;

/** What TLS says that will be spoken, by the names of RFC 7301. */
const Alpn = { mqtt: 'mqtt', webSocket: 'http/1.1' } as const;

/**
 * Takes connections. From its first byte to MQTT a connection goes through those of these steps that are set, in this
 * order: PROXY header, TLS handshake, request for a WebSocket.
 */
export class SocketListener implements Listener {
  private readonly server: Server;
  private readonly webSocket: { readonly path: string; allowedOrigins: readonly string[] } | undefined;
  private readonly upgrades: WebSocketUpgrades | undefined;
  private readonly listener: { name: string; anonymousAllowed: boolean; readonly limits: ListenerLimits };
  private proxies: PeerList | undefined;

  constructor(
    private readonly settings: SocketListenerSettings,
    private readonly acceptor: StreamAcceptor,
    private readonly turns = makeListenerTurns(),
  ) {
    const { anonymousAllowed, limits, webSocket } = settings;
    this.proxies = settings.proxies;
    this.listener = { name: '', anonymousAllowed, limits: { ...limits } };
    this.webSocket = webSocket && { ...webSocket };
    this.upgrades = this.webSocket && new WebSocketUpgrades(this.webSocket);
    this.server = createServer({ noDelay: true }, (socket) => this.arrive(socket));
  }

  async start(): Promise<string> {
    const { address, credentials, webSocket } = this.settings;
    const scheme = `${webSocket === undefined ? 'mqtt' : 'ws'}${credentials === undefined ? '' : 's'}`;
    const url = await listenOn(this.server, scheme, address);
    return (this.listener.name = `${url}${webSocket?.path ?? ''}`);
  }

  get port(): number {
    return portOf(this.server);
  }

  stop(): void {
    this.server.close();
  }

  /** From now on connections take this from it; its limits stay the same object. */
  change({ anonymousAllowed, limits, allowedOrigins, proxies }: LiveListenerSettings): void {
    this.proxies = proxies;
    this.listener.anonymousAllowed = anonymousAllowed;
    for (const name of Object.keys(this.listener.limits)) Reflect.deleteProperty(this.listener.limits, name);
    Object.assign(this.listener.limits, limits);
    if (this.webSocket !== undefined) this.webSocket.allowedOrigins = allowedOrigins;
  }

  private arrive(socket: Socket): void {
    const { proxies } = this;
    const { address: listening } = this.settings;
    const admitted = admitSocket(socket, this.acceptor, {
      listener: this.listener,
      isUnix: 'socketPath' in listening,
      isProxy: proxies !== undefined,
    });
    if (admitted === undefined) return;
    const { admission, remoteAddress } = admitted;
    if (proxies === undefined) return this.encrypt(socket, admission, remoteAddress);
    if (!proxies.has(remoteAddress)) return turnAway(socket, admission, 'untrusted_proxy');
    readProxyHeader(socket, (header) => {
      if (socket.destroyed) return;
      if (header === 'malformed') return turnAway(socket, admission, 'bad_proxy_header');
      const address = header.address ?? remoteAddress;
      if (admission.comesFrom(address)) this.encrypt(socket, admission, address);
      else socket.destroy();
    });
  }

  private encrypt(socket: Socket, admission: Admission, remoteAddress: string): void {
    const { credentials } = this.settings;
    if (credentials === undefined)
      return this.upgrade(socket, admission, { remoteAddress, certificate: undefined });
    const alpn = this.upgrades === undefined ? Alpn.mqtt : Alpn.webSocket;
    this.turns.handshakes.take(socket, () =>
      secure(socket, credentials, alpn, {
        secured: (tls, certificate) => this.upgrade(tls, admission, { remoteAddress, certificate }),
        failed: (reason, detail) => turnAway(socket, admission, reason, detail),
      }),
    );
  }

  private upgrade(socket: Socket, admission: Admission, peer: Peer): void {
    if (this.upgrades === undefined) {
      const stream = new SocketStream(socket, peer);
      return stream.listen(admission.accept(stream), this.turns.ends);
    }
    this.upgrades.serve(socket, {
      upgraded: (webSocket) => {
        const stream = new WebSocketStream(webSocket, peer);
        stream.listen(admission.accept(stream));
      },
      // The answer is on its way, and ends the connection.
      refused: (why) => admission.refuse('upgrade_refused', why),
    });
  }
}

function turnAway(
  socket: Socket,
  admission: Admission,
  ...[reason, detail]: Parameters<Admission['refuse']>
): void {
  admission.refuse(reason, detail);
  socket.destroy();
}
