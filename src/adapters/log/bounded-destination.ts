import type { Writable } from 'node:stream';

/**
 * Hands lines to a stream as long as not too many wait in it; lines past that are lost and counted.
 * A reader of the log that stops reading, or goes away, must neither stop the broker nor fill its memory.
 */
export class BoundedDestination {
  private lostCount = 0;

  /** @param waitingBytesMax Bytes that may wait in the stream; each line may exceed them by itself. */
  constructor(
    private readonly stream: Pick<Writable, 'write' | 'on' | 'writableLength'>,
    private readonly waitingBytesMax: number,
  ) {
    // Without a listener the end of the reader would be the end of the process.
    stream.on('error', () => undefined);
  }

  write(line: string): void {
    if (this.stream.writableLength > this.waitingBytesMax) this.lostCount += 1;
    else this.stream.write(line);
  }

  /** How many lines were lost since the last call that found room again; 0 while there is none. */
  takeLostCount(): number {
    if (this.lostCount === 0 || this.stream.writableLength > this.waitingBytesMax) return 0;
    const count = this.lostCount;
    this.lostCount = 0;
    return count;
  }
}
