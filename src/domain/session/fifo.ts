const CAPACITY_MIN = 16;
/** The ring of all queues that are empty, of which there are many: it is never written to. */
const NO_RING: never[] = [];

/** A first-in-first-out queue in a ring; nothing moves when an item leaves. */
export class Fifo<T> {
  private ring: (T | undefined)[] = NO_RING;
  private head = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(item: T): void {
    if (this.count === this.ring.length) this.resize(Math.max(CAPACITY_MIN, this.count * 2));
    this.ring[(this.head + this.count) & (this.ring.length - 1)] = item;
    this.count++;
  }

  /** The oldest item, which stays. */
  peek(): T | undefined {
    return this.count === 0 ? undefined : this.ring[this.head];
  }

  /** Takes the oldest item out. */
  shift(): T | undefined {
    if (this.count === 0) return undefined;
    const item = this.ring[this.head];
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.count--;
    // A queue that was long once doesn't keep its memory.
    if (this.count === 0 && this.ring.length > 1024) this.clear();
    return item;
  }

  clear(): void {
    this.ring = NO_RING;
    this.head = 0;
    this.count = 0;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let i = 0; i < this.count; i++) yield this.ring[(this.head + i) & (this.ring.length - 1)] as T;
  }

  private resize(capacity: number): void {
    const items = new Array<T | undefined>(capacity).fill(undefined);
    for (let i = 0; i < this.count; i++) items[i] = this.ring[(this.head + i) & (this.ring.length - 1)];
    this.ring = items;
    this.head = 0;
  }
}
