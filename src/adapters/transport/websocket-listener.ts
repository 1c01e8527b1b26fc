import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

import type { Admission, ListenerSettings, StreamAcceptor } from '../../application/ports/byte-stream.js';
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
/** How long a peer may take to answer the end of the connection, in milliseconds. */
const CLOSE_MS_MAX = 3000;

/** Takes WebSocket connections. */
export class WebSocketListener implements Listener {
  private readonly server: Server;
  private readonly upgrades: WebSocketServer;
  /** Of every connection, whether or not it has asked for the upgrade yet. */
  private readonly admissions = new WeakMap<Duplex, Admission>();
  private url = '';
  private isStopped = false;

  constructor(
    private readonly settings: WebSocketListenerSettings,
    private readonly acceptor: StreamAcceptor,
  ) {
    const { messageBytesMax, upgradeMs } = settings;
    const times = { headersTimeout: upgradeMs, requestTimeout: upgradeMs };
    this.server = createServer({ ...times, noDelay: true, connectionsCheckingInterval: REQUEST_CHECK_MS });
    this.server.on('connection', (socket) => this.admit(socket));
    this.server.on('request', (_, response) => {
      response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' });
      response.end('MQTT is spoken here over WebSocket\n');
    });
    this.server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    const options: ServerOptions & { closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      // Compression costs memory and time for each connection, and MQTT payloads seldom repeat themselves.
      perMessageDeflate: false,
      maxPayload: messageBytesMax,
      // A message in tiny pieces would cost many times its size.
      maxBufferedChunks: partsMax(messageBytesMax),
      maxFragments: partsMax(messageBytesMax),
      closeTimeout: CLOSE_MS_MAX,
      // The stream answers them itself, as it has to know what waits to be written.
      autoPong: false,
      handleProtocols: () => SUBPROTOCOL,
    };
    this.upgrades = new WebSocketServer(options);
  }

  async start(): Promise<string> {
    return (this.url = `ws://${await listenOn(this.server, this.settings)}${this.settings.path}`);
  }

  get port(): number {
    return portOf(this.server);
  }

  /** Connections that were not upgraded end at once. */
  stop(): void {
    this.isStopped = true;
    this.server.close();
    this.server.closeAllConnections();
  }

  private admit(socket: Socket): void {
    const { anonymousAllowed, limits } = this.settings;
    const settings = { name: this.url, anonymousAllowed, limits };
    const admission = this.acceptor.admit(socket.remoteAddress ?? 'unknown', settings);
    if (admission === undefined) return void socket.destroy();
    this.admissions.set(socket, admission);
    socket.once('close', () => admission.release());
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (this.isStopped) return void socket.destroy();
    const [path] = request.url?.split('?') ?? [];
    if (path !== this.settings.path) return refuse(socket, '404 Not Found', `ask for ${this.settings.path}`);
    if (!offersMqtt(request))
      return refuse(socket, '400 Bad Request', `offer the subprotocol ${SUBPROTOCOL}`);
    this.upgrades.handleUpgrade(request, socket, head, (webSocket) => this.accept(webSocket, request));
  }

  private accept(webSocket: WebSocket, { socket }: IncomingMessage): void {
    const admission = this.admissions.get(socket);
    if (admission === undefined) return webSocket.terminate();
    const stream = new WebSocketStream(webSocket, socket.remoteAddress ?? 'unknown');
    stream.listen(admission.accept(stream));
  }
}

function offersMqtt({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol']?.split(',') ?? [];
  return offered.some((name) => name.trim() === SUBPROTOCOL);
}

/** Pieces that a message may come in: as many as a network that is no worse than usual makes of it. */
function partsMax(messageBytesMax: number): number {
  return 1024 + Math.ceil(messageBytesMax / 256);
}

/** The socket is nobody else's any more: no time limit of the HTTP server ends it. */
function refuse(socket: Duplex, status: string, why: string): void {
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${why.length + 1}\r\n\r\n${why}\n`,
  );
}
