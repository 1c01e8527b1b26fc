import type { MessageLog } from '../../../domain/audit/message-log.js';

/** How much waits to be committed, against its limit. */
export class JournalRoom {
  /** Bytes of what waits, but for the messages of the log. */
  pendingBytes = 0;
  /** Those of them that are events. */
  private eventBytes = 0;
  private wasFull = false;
  private readonly listeners: (() => void)[] = [];

  /**
   * @param limits Looked at each time: past it no more should come.
   * @param log Its messages are events that wait.
   */
  constructor(
    private readonly limits: { readonly journalBytesMax: number },
    private readonly log: MessageLog,
  ) {}

  /** Bytes of all that waits. */
  get bytes(): number {
    return this.pendingBytes + this.log.bytes;
  }

  get isFull(): boolean {
    if (this.bytes <= this.limits.journalBytesMax) return false;
    this.wasFull = true;
    return true;
  }

  /** Whether events alone take half of it. */
  get isTrailFull(): boolean {
    if (this.eventBytes + this.log.bytes <= this.limits.journalBytesMax / 2) return false;
    this.wasFull = true;
    return true;
  }

  /** Whether somebody was told that it is full, and nobody yet that it no longer is. */
  get isAwaited(): boolean {
    return this.wasFull;
  }

  /** Calls the listener each time that there is room again. */
  onRoom(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** @param bytes Of events; negative when they don't wait any more. */
  countEvents(bytes: number): void {
    this.pendingBytes += bytes;
    this.eventBytes += bytes;
  }

  /** Tells those who wait once half of it is free. */
  notify(): void {
    if (!this.wasFull || this.bytes > this.limits.journalBytesMax / 2) return;
    this.wasFull = false;
    for (const listener of this.listeners) listener();
  }
}
