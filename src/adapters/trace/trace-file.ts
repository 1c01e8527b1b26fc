import { closeSync, createWriteStream, openSync, type WriteStream } from 'node:fs';
import type {
  PacketTrace,
  TraceFields,
  TraceInfo,
  TraceRequest,
} from '../../application/ports/client-traces.js';
import type { Clock } from '../../application/ports/clock.js';

/** Lines that a slow disk hasn't taken yet; past this they are lost and counted. Bytes. */
const WAITING_BYTES_MAX = 1_048_576;

/** Why a trace has ended. */
export type TraceEnd = 'time' | 'size' | 'stopped' | 'shutdown' | 'disk';

/** The trace of one client: JSON Lines in a file that only the broker's user may read. */
export class TraceFile implements PacketTrace {
  readonly payloads: boolean;
  private readonly stream: WriteStream;
  private bytes = 0;
  private lostLines = 0;
  private hasEnded = false;

  /**
   * @param ended Called once, when no more is written.
   * @throws Error when the file can't be made, or is there already.
   */
  constructor(
    private readonly traits: Omit<TraceInfo, 'bytes'>,
    private readonly clock: Clock,
    private readonly ended: (reason: TraceEnd, error?: Error) => void,
  ) {
    this.payloads = traits.payloads;
    // Opened here rather than by the stream, so that a fault is the caller's at once.
    const descriptor = openSync(traits.file, 'wx', 0o600);
    try {
      this.stream = createWriteStream(traits.file, { fd: descriptor });
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    this.stream.on('error', (error) => this.end('disk', error));
    const { clientId, seconds, bytesMax, payloads } = traits;
    this.event('trace started', { clientId, seconds, bytesMax, payloads } satisfies TraceRequest);
  }

  get info(): TraceInfo {
    return { ...this.traits, bytes: this.bytes };
  }

  packet(direction: 'in' | 'out', packet: string, fields?: TraceFields): void {
    this.write({ direction, packet, ...fields });
  }

  event(event: string, fields?: TraceFields): void {
    this.write({ event, ...fields });
  }

  /** Writes the last line; nothing more is written then. */
  end(reason: TraceEnd, error?: Error): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    if (reason !== 'disk') this.put({ event: 'trace ended', reason });
    this.stream.end();
    this.ended(reason, error);
  }

  private write(fields: TraceFields): void {
    if (this.hasEnded) return;
    if (this.stream.writableLength > WAITING_BYTES_MAX) {
      this.lostLines += 1;
      return;
    }
    if (this.lostLines > 0) this.put({ event: 'lines lost: the disk was too slow', lines: this.lostLines });
    this.lostLines = 0;
    this.put(fields);
    if (this.bytes >= this.traits.bytesMax) this.end('size');
  }

  private put(fields: TraceFields): void {
    const time = new Date(this.clock.nowMs()).toISOString();
    const line = `${JSON.stringify({ time, ...fields })}\n`;
    this.bytes += Buffer.byteLength(line);
    this.stream.write(line);
  }
}
