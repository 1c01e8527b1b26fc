/** So many items stand together: to take one out moves no more than these. */
const CHUNK_MAX = 1024;

/**
 * Items in the order of a number that each has for good, so that whoever walks them in pieces can go on behind any
 * number: also when the item that had it is gone. To find a place takes a few steps, however many items there are.
 */
export class NumberedList<T> {
  private readonly chunks: T[][] = [];

  constructor(private readonly numberOf: (item: T) => number) {}

  /** Adds an item whose number no other has. It mostly goes behind all others, which costs nothing to find out. */
  add(item: T): void {
    const number = this.numberOf(item);
    const at = this.chunkFor(number);
    const chunk = this.chunks[at] ?? this.chunks[0];
    const isLast = at === this.chunks.length - 1;
    if (
      chunk === undefined ||
      (isLast && chunk.length >= CHUNK_MAX && number > this.numberAt(chunk, chunk.length - 1))
    ) {
      this.chunks.push([item]);
      return;
    }
    chunk.splice(
      firstFrom(chunk.length, (i) => this.numberAt(chunk, i) > number),
      0,
      item,
    );
    if (chunk.length > 2 * CHUNK_MAX) this.chunks.splice(Math.max(0, at) + 1, 0, chunk.splice(CHUNK_MAX));
  }

  /** Takes out the item with this number; does nothing where there is none. */
  remove(number: number): void {
    const at = this.chunkFor(number);
    const chunk = this.chunks[at];
    if (chunk === undefined) return;
    const index = firstFrom(chunk.length, (i) => this.numberAt(chunk, i) >= number);
    if (this.numberAt(chunk, index) !== number) return;
    chunk.splice(index, 1);
    if (chunk.length === 0) this.chunks.splice(at, 1);
  }

  clear(): void {
    this.chunks.length = 0;
  }

  /** The items with higher numbers, in order. The list must not change between two steps. */
  *after(number: number): Generator<T, void, undefined> {
    for (let at = Math.max(0, this.chunkFor(number)); at < this.chunks.length; at++) {
      const chunk = this.chunks[at] ?? [];
      for (let i = firstFrom(chunk.length, (j) => this.numberAt(chunk, j) > number); i < chunk.length; i++)
        yield chunk[i] as T;
    }
  }

  /** The last chunk that begins with this number or a lower one; -1 if all begin behind it. */
  private chunkFor(number: number): number {
    return firstFrom(this.chunks.length, (i) => this.numberAt(this.chunks[i] ?? [], 0) > number) - 1;
  }

  private numberAt(chunk: readonly T[], index: number): number {
    return index < chunk.length ? this.numberOf(chunk[index] as T) : Infinity;
  }
}

/** The first index that something holds for, if it holds for all behind it as well; else `length`. */
function firstFrom(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
