import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CheckpointSink } from '../../application/ports/checkpoint-sink.js';
import type { Logger } from '../../application/ports/logger.js';
import { checkpointLine, type SignedCheckpoint } from '../../domain/audit/checkpoint.js';
import { syslogFrame } from './syslog-frame.js';

export interface SyslogOptions {
  /** `syslog+tcp://host:port` or `syslog+tls://host:port`. */
  readonly url: string;
  /** Certificates in PEM that the server is checked against; without it those of Node.js. */
  readonly caFile: string | undefined;
  readonly logger: Logger;
  /** Milliseconds before a lost connection is tried again, doubled each time up to `RETRY_MS_MAX`. */
  readonly retryMs?: number;
}

/** Checkpoints that wait for a server that is away; the oldest go first, as each vouches for all before it. */
const QUEUE_MAX = 1000;
const RETRY_MS = 1000;
const RETRY_MS_MAX = 60_000;
const CONNECT_MS_MAX = 10_000;
/** What a stop waits for the server to take the rest, in milliseconds. */
const CLOSE_MS_MAX = 2000;

/**
 * Sends checkpoints to a syslog server. `append` never waits: syslog has no acknowledgement, so that nothing would be
 * gained. What is lost with a connection is covered by the next checkpoint.
 *
 *   idle ──append──▶ connecting ──▶ open ──lost──▶ waiting ──▶ connecting ...     any ──close──▶ closed
 */
export class SyslogSink implements CheckpointSink {
  /** Checkpoints that were given up because too many waited; for the metrics. */
  dropped = 0;
  readonly description: string;
  private state: 'idle' | 'connecting' | 'open' | 'waiting' | 'closed' = 'idle';
  private queue: Buffer[] = [];
  private socket: Socket | undefined;
  private retryMs: number;
  /** Until the next try. */
  private timer: NodeJS.Timeout | undefined;
  private isTold = false;

  constructor(private readonly options: SyslogOptions) {
    this.description = options.url;
    this.retryMs = options.retryMs ?? RETRY_MS;
  }

  append(checkpoint: SignedCheckpoint): Promise<void> {
    if (this.state === 'closed') return Promise.resolve();
    const header = { atMs: checkpoint.atMs, hostname: checkpoint.node, processId: process.pid };
    this.queue.push(syslogFrame({ ...header, messageId: 'checkpoint' }, checkpointLine(checkpoint)));
    if (this.queue.length > QUEUE_MAX) this.dropOldest();
    if (this.state === 'idle') this.connect();
    else if (this.state === 'open') this.flush();
    return Promise.resolve();
  }

  /** Gives the server a little time to take what is left. */
  async close(): Promise<void> {
    // Until the connection under way stands or has failed.
    if (this.state === 'connecting') await heard(this.socket, this.isTls ? 'secureConnect' : 'connect');
    clearTimeout(this.timer);
    const { socket } = this;
    const isOpen = this.state === 'open';
    // Whatever the connection takes at once: nothing follows when it has drained.
    if (isOpen) for (const frame of this.queue.splice(0)) socket?.write(frame);
    this.state = 'closed';
    if (socket === undefined) return;
    if (isOpen) {
      socket.end();
      await heard(socket, 'close');
    }
    socket.destroy();
  }

  private get isTls(): boolean {
    return this.options.url.startsWith('syslog+tls:');
  }

  private connect(): void {
    this.state = 'connecting';
    let socket: Socket;
    try {
      socket = this.open();
    } catch (error) {
      this.lost(String(error));
      return;
    }
    this.socket = socket;
    let reason = 'the server has closed the connection';
    socket.setTimeout(CONNECT_MS_MAX, () => socket.destroy(new Error('no answer from the server')));
    socket.on('error', (error) => (reason = error.message));
    socket.on('close', () => this.lost(reason));
    socket.on('drain', () => this.flush());
    // A server that says something has its words thrown away: without this its end would not be heard.
    socket.resume();
  }

  private open(): Socket {
    const { protocol, hostname, port } = new URL(this.options.url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const target = { host, port: Number(port) };
    if (protocol === 'syslog+tcp:') return connectTcp(target, () => this.opened());
    const ca = this.options.caFile === undefined ? {} : { ca: readFileSync(this.options.caFile) };
    const servername = isIP(host) === 0 ? { servername: host } : {};
    return connectTls({ ...target, ...servername, ...ca }, () => this.opened());
  }

  private opened(): void {
    if (this.state !== 'connecting') return;
    this.state = 'open';
    this.socket?.setTimeout(0);
    this.socket?.setKeepAlive(true, CONNECT_MS_MAX);
    this.retryMs = this.options.retryMs ?? RETRY_MS;
    if (this.isTold) this.options.logger.warn('the syslog server is back', { dropped: this.dropped });
    this.isTold = false;
    this.flush();
  }

  /** As much as the connection takes; the rest follows when it has drained. */
  private flush(): void {
    while (this.state === 'open' && this.socket?.writableNeedDrain === false) {
      const frame = this.queue.shift();
      if (frame === undefined) return;
      this.socket.write(frame);
    }
  }

  private lost(reason: string): void {
    if (this.state === 'closed') return;
    this.socket = undefined;
    this.state = 'waiting';
    const { logger, url } = { ...this.options };
    if (!this.isTold)
      logger.error('the syslog server can not be reached: checkpoints wait for it', { url, reason });
    this.isTold = true;
    this.timer = setTimeout(() => this.connect(), this.retryMs).unref();
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MS_MAX);
  }

  private dropOldest(): void {
    this.queue.shift();
    if (this.dropped++ > 0) return;
    this.options.logger.error('checkpoints for the syslog server are given up, as too many wait', {
      url: this.options.url,
    });
  }
}

/** Waits for an event of the socket, or for its end, but not for long. The timer goes with the wait: it would hold the process. */
async function heard(
  socket: Socket | undefined,
  event: 'connect' | 'secureConnect' | 'close',
): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, CLOSE_MS_MAX);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    socket?.once(event, done).once('close', done);
  });
}
