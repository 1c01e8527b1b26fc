import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import { ControlChannel } from './websocket-control.js';
import type { UpgradedSocket } from './websocket-stream.js';

/** What requests for a WebSocket are held against. */
export interface WebSocketSettings {
  /** The path of the URL that is asked for; others are answered with 404. */
  readonly path: string;
  /** The origins of the pages that may connect; empty: all, and whoever names none. */
  readonly allowedOrigins: readonly string[];
}

/** Who is told what came of a request; one of the two, once, unless the connection ends before. */
export interface UpgradeOutcome {
  upgraded(socket: UpgradedSocket): void;
  /** The client has been answered. */
  refused(why: UpgradeFault): void;
}

/** What can be wrong with a request. */
export type UpgradeFault = 'no_upgrade' | 'path' | 'subprotocol' | 'origin';

/** The one subprotocol that is spoken [MQTT-6.0.0-4]. */
const SUBPROTOCOL = 'mqtt';
/** How long a peer may take to answer the end of the connection, in milliseconds. */
const CLOSE_MS_MAX = 3000;

/** Answers requests for a WebSocket. How long a request may take is for the caller to see to. */
export class WebSocketUpgrades {
  /** Listens to nothing itself: it is given connections. */
  private readonly server: Server;
  private readonly upgrades: WebSocketServer;
  private readonly outcomes = new WeakMap<Duplex, UpgradeOutcome>();

  constructor(private readonly settings: WebSocketSettings) {
    this.server = createServer();
    this.server.on('request', (request, response) => {
      response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' });
      response.end('MQTT is spoken here over WebSocket\n');
      this.outcomes.get(request.socket)?.refused('no_upgrade');
    });
    this.server.on('upgrade', (request: IncomingMessage, _: Duplex, head: Buffer) =>
      this.upgrade(request, head),
    );
    const options: ServerOptions & { closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      // Compression costs memory and time for each connection, and MQTT payloads seldom repeat themselves.
      perMessageDeflate: false,
      closeTimeout: CLOSE_MS_MAX,
      // The stream answers them itself, as it has to know what waits to be written.
      autoPong: false,
      handleProtocols: () => SUBPROTOCOL,
    };
    this.upgrades = new WebSocketServer(options);
  }

  /** Waits for the request on a connection. */
  serve(socket: Socket, outcome: UpgradeOutcome): void {
    this.outcomes.set(socket, outcome);
    this.server.emit('connection', socket);
  }

  private upgrade(request: IncomingMessage, head: Buffer): void {
    const { socket } = request;
    socket.on('error', () => socket.destroy());
    const outcome = this.outcomes.get(socket);
    const fault = this.faultOf(request);
    if (fault !== undefined) {
      answer(socket, ...this.answerTo(fault));
      return outcome?.refused(fault);
    }
    if (head.length > 0) socket.unshift(head);
    const control = new ControlChannel(socket);
    this.upgrades.handleUpgrade(request, control, NO_BYTES, (webSocket) =>
      outcome?.upgraded({ webSocket, control, socket }),
    );
  }

  private faultOf({ url, headers }: IncomingMessage): Exclude<UpgradeFault, 'no_upgrade'> | undefined {
    const { path, allowedOrigins } = this.settings;
    if (url?.split('?')[0] !== path) return 'path';
    const offered = headers['sec-websocket-protocol']?.split(',') ?? [];
    if (!offered.some((name) => name.trim() === SUBPROTOCOL)) return 'subprotocol';
    const { origin } = headers;
    // Only browsers name the page that they speak for; other programs could name any.
    const isForeign = origin !== undefined && allowedOrigins.length > 0 && !allowedOrigins.includes(origin);
    return isForeign ? 'origin' : undefined;
  }

  private answerTo(fault: Exclude<UpgradeFault, 'no_upgrade'>): [status: string, why: string] {
    if (fault === 'path') return ['404 Not Found', `ask for ${this.settings.path}`];
    if (fault === 'origin') return ['403 Forbidden', 'pages of this origin may not connect'];
    return ['400 Bad Request', `offer the subprotocol ${SUBPROTOCOL}`];
  }
}

const NO_BYTES = Buffer.alloc(0);

/** The socket is nobody else's any more: no time limit of the HTTP server ends it. */
function answer(socket: Duplex, status: string, why: string): void {
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${why.length + 1}\r\n\r\n${why}\n`,
  );
}
