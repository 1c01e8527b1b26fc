import { FixedHistogram, WAIT_SECONDS } from '../../../domain/fixed-histogram.js';

const BATCH_ROWS: readonly number[] = [0, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500];

/** What the group commit has counted and measured, for the metrics. */
export class JournalFigures {
  commits = 0;
  /** Attempts to commit that didn't succeed; each batch is tried until one does. */
  failures = 0;
  rowsWritten = 0;
  /** Deliveries that a transaction wrote. */
  readonly batchRows = new FixedHistogram(BATCH_ROWS);
  /** From the first change of a batch until it was committed. */
  readonly gatherSeconds = new FixedHistogram(WAIT_SECONDS);
  /** From the beginning of a transaction until it was committed, as often as it succeeded. */
  readonly commitSeconds = new FixedHistogram(WAIT_SECONDS);
  /** When the first change was gathered that no batch has taken; undefined while there is none. */
  private gatheringMs: number | undefined;
  private takenMs: number | undefined;

  /** A change was gathered that is to be committed soon. */
  gathered(): void {
    this.gatheringMs ??= performance.now();
  }

  /** A batch was taken of what was gathered. @param isRest Whether something is left for the next. */
  taken(isRest: boolean): void {
    this.takenMs = this.gatheringMs;
    if (!isRest) this.gatheringMs = undefined;
  }

  /** @param beganMs When the transaction began. */
  committed(rows: number, beganMs: number): void {
    const nowMs = performance.now();
    this.commits++;
    this.rowsWritten += rows;
    this.batchRows.observe(rows);
    this.commitSeconds.observe((nowMs - beganMs) / 1000);
    if (this.takenMs !== undefined) this.gatherSeconds.observe((nowMs - this.takenMs) / 1000);
  }
}
