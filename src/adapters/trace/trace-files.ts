import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ClientTraces,
  PacketTrace,
  TraceInfo,
  TraceRequest,
} from '../../application/ports/client-traces.js';
import type { Clock } from '../../application/ports/clock.js';
import type { Logger } from '../../application/ports/logger.js';
import { type TraceEnd, TraceFile } from './trace-file.js';

/** Traces that may run at a time. */
export const TRACES_MAX = 10;
const SWEEP_MS = 1000;

/** What the traces work with. */
export interface TraceFilesParts {
  /** Where the files go; made when the first trace starts. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Traces of clients in a folder, a file for each. */
export class TraceFiles implements ClientTraces {
  private readonly running = new Map<string, TraceFile>();
  private readonly listeners: ((clientId: string) => void)[] = [];
  /** Undefined while nothing is traced. */
  private stopSweep: (() => void) | undefined;
  private startedCount = 0;

  constructor(private readonly parts: TraceFilesParts) {}

  start(request: TraceRequest): TraceInfo {
    const { clientId } = request;
    const { clock, folder, logger } = this.parts;
    if (this.running.has(clientId))
      throw new Error(`the client ${clientId} is being traced already: stop that trace first`);
    if (this.running.size >= TRACES_MAX)
      throw new Error(`${TRACES_MAX} clients are being traced, which is the most: stop a trace first`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const startedMs = clock.nowMs();
    this.startedCount += 1;
    const id = `${new Date(startedMs).toISOString().replace(/[-:]|\.\d+/g, '')}-${this.startedCount}`;
    const traits = { ...request, id, startedMs, file: join(folder, `${id}.jsonl`) };
    const trace = new TraceFile(traits, clock, (reason, error) => this.ended(traits, reason, error));
    this.running.set(clientId, trace);
    this.stopSweep ??= clock.every(SWEEP_MS, () => this.sweep());
    logger.info('a trace was started', { clientId, file: traits.file });
    this.changed(clientId);
    return trace.info;
  }

  stop(id: string): boolean {
    const trace = [...this.running.values()].find(({ info }) => info.id === id);
    trace?.end('stopped');
    return trace !== undefined;
  }

  stopAll(): void {
    for (const trace of [...this.running.values()]) trace.end('shutdown');
  }

  list(): readonly TraceInfo[] {
    return [...this.running.values()].map(({ info }) => info);
  }

  find(clientId: string): PacketTrace | undefined {
    return this.running.get(clientId);
  }

  onChange(listener: (clientId: string) => void): void {
    this.listeners.push(listener);
  }

  private sweep(): void {
    const nowMs = this.parts.clock.nowMs();
    for (const trace of [...this.running.values()])
      if (nowMs >= trace.info.startedMs + trace.info.seconds * 1000) trace.end('time');
  }

  private ended({ clientId, file }: Omit<TraceInfo, 'bytes'>, reason: TraceEnd, error?: Error): void {
    const { logger } = this.parts;
    this.running.delete(clientId);
    if (this.running.size === 0) {
      this.stopSweep?.();
      this.stopSweep = undefined;
    }
    if (error === undefined) logger.info('a trace has ended', { clientId, file, reason });
    else logger.warn('a trace could not be written on', { clientId, file, error: error.message });
    this.changed(clientId);
  }

  private changed(clientId: string): void {
    for (const listener of this.listeners) listener(clientId);
  }
}
