import { Changes } from './batch.js';

/** Changes that are committed together, with entries of the same time. */
export interface Generation {
  readonly changes: Changes;
  /** Entries from this number on were gathered later, and may need what only later changes bring. */
  readonly entriesBefore: number;
}

/**
 * Changes in the order in which they are committed. What gathers while the database is away or slow would become one
 * transaction of any size, and to build it stops everything else: so from some size on, other changes gather behind.
 */
export class ChangeQueue {
  /** Those that gather. */
  last = new Changes();
  private readonly sealed: Generation[] = [];
  private isSealing = false;

  get isEmpty(): boolean {
    return this.sealed.length === 0 && this.last.isEmpty;
  }

  /** Whether there is more to them than events. */
  get isChange(): boolean {
    return this.sealed.length > 0 || this.last.isChange;
  }

  get isUrgent(): boolean {
    return this.sealed.length > 0 || this.last.isUrgent;
  }

  /** Seals once this turn of the event loop is over, if there is reason to. */
  sealLater(entriesGathered: () => number): void {
    if (this.isSealing || !this.last.isLarge) return;
    this.isSealing = true;
    setImmediate(() => {
      this.isSealing = false;
      this.seal(entriesGathered());
    });
  }

  /**
   * From now on other changes gather, if these are many. Only between turns of the event loop, or where somebody knows
   * that all is told of what was changed: that stays together.
   * @param entriesGathered Up to now.
   */
  seal(entriesGathered: number): void {
    if (!this.last.isLarge) return;
    this.sealed.push({ changes: this.last, entriesBefore: entriesGathered });
    this.last = new Changes();
  }

  /** Takes those that have waited longest. */
  take(): Generation {
    const [oldest] = this.sealed.splice(0, 1);
    if (oldest !== undefined) return oldest;
    const changes = this.last;
    this.last = new Changes();
    return { changes, entriesBefore: Infinity };
  }

  /** Those that are taken next. */
  get next(): Changes {
    return this.sealed[0]?.changes ?? this.last;
  }
}
