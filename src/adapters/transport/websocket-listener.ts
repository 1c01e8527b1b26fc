import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

import type { ListenerSettings, StreamAcceptor } from '../../application/ports/byte-stream.js';
import type { Listener } from './listener.js';
import { type ListeningAddress, listenOn, portOf } from './listening-port.js';
import { WebSocketStream } from './websocket-stream.js';

/** Where to listen, and what connections take from it. */
export interface WebSocketListenerSettings extends ListeningAddress, Omit<ListenerSettings, 'name'> {
  /** The path of the URL that is asked for; others are answered with 404. */
  readonly path: string;
  /** The largest message, in bytes: it is gathered as a whole before its packets are looked at. */
  readonly messageBytesMax: number;
  /** How long a client may take to ask for the upgrade, in milliseconds. */
  readonly upgradeMs: number;
}

/** The one subprotocol that is spoken [MQTT-6.0.0-4]. */
const SUBPROTOCOL = 'mqtt';
/** How often slow requests are looked for, in milliseconds. */
const REQUEST_CHECK_MS = 1000;

/** Takes WebSocket connections. */
export class WebSocketListener implements Listener {
  private readonly server: Server;
  private readonly upgrades: WebSocketServer;
  private url = '';

  constructor(
    private readonly settings: WebSocketListenerSettings,
    private readonly acceptor: StreamAcceptor,
  ) {
    const { messageBytesMax, upgradeMs } = settings;
    const times = { headersTimeout: upgradeMs, requestTimeout: upgradeMs };
    this.server = createServer({ ...times, noDelay: true, connectionsCheckingInterval: REQUEST_CHECK_MS });
    this.server.on('request', (_, response) => {
      response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' });
      response.end('MQTT is spoken here over WebSocket\n');
    });
    this.server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    this.upgrades = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Compression costs memory and time for each connection, and MQTT payloads seldom repeat themselves.
      perMessageDeflate: false,
      maxPayload: messageBytesMax,
      handleProtocols: () => SUBPROTOCOL,
    });
  }

  async start(): Promise<string> {
    return (this.url = `ws://${await listenOn(this.server, this.settings)}${this.settings.path}`);
  }

  get port(): number {
    return portOf(this.server);
  }

  stop(): void {
    this.server.close();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const [path] = request.url?.split('?') ?? [];
    if (path !== this.settings.path) return refuse(socket, '404 Not Found', `ask for ${this.settings.path}`);
    if (!offersMqtt(request))
      return refuse(socket, '400 Bad Request', `offer the subprotocol ${SUBPROTOCOL}`);
    this.upgrades.handleUpgrade(request, socket, head, (webSocket) => this.accept(webSocket, request));
  }

  private accept(webSocket: WebSocket, { socket }: IncomingMessage): void {
    const stream = new WebSocketStream(webSocket, socket.remoteAddress ?? 'unknown');
    const listener = this.acceptor.accept(stream, {
      name: this.url,
      anonymousAllowed: this.settings.anonymousAllowed,
    });
    if (listener !== undefined) stream.listen(listener);
  }
}

function offersMqtt({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol']?.split(',') ?? [];
  return offered.some((name) => name.trim() === SUBPROTOCOL);
}

function refuse(socket: Duplex, status: string, why: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${why.length + 1}\r\n\r\n${why}\n`,
  );
}
