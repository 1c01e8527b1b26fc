/** Everything below this sequence had been queued at that time. */
interface Mark {
  readonly issued: number;
  readonly atMs: number;
}

/** At so many marks every second one is dropped, and new ones stand as far apart: a long wait needs no fine ones. */
const MARKS_MAX = 32;

/**
 * Tells how long the oldest of a queue has waited, without a time on each message: it is looked at now and then,
 * and remembers how far the queue had come. The answer is never too large, and too small by the time between
 * two marks at most.
 */
export class QueueAge {
  private marks: Mark[] = [];
  private spacingMs = 0;

  /** What was queued before anybody looked. @param issued The sequence behind its last message. */
  since(issued: number, atMs: number): void {
    this.marks = [{ issued, atMs }];
  }

  /**
   * @param issued The sequence behind the last message of the queue. @param waiting How many wait.
   * @returns how long the oldest has waited, in milliseconds.
   */
  sample(nowMs: number, issued: number, waiting: number): number {
    const oldest = issued - waiting;
    const gone = this.marks.findIndex((mark) => mark.issued > oldest);
    if (gone !== 0) this.marks = gone === -1 ? [] : this.marks.slice(gone);
    if (this.marks.length <= 1) this.spacingMs = 0;
    const last = this.marks.at(-1);
    if (last === undefined || (last.issued !== issued && nowMs - last.atMs >= this.spacingMs))
      this.marks.push({ issued, atMs: nowMs });
    if (this.marks.length >= MARKS_MAX) this.thin(nowMs);
    return nowMs - (this.marks[0]?.atMs ?? nowMs);
  }

  private thin(nowMs: number): void {
    this.marks = this.marks.filter((_, index) => index % 2 === 0);
    this.spacingMs = (nowMs - (this.marks[0]?.atMs ?? nowMs)) / this.marks.length;
  }
}
