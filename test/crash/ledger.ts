const FIRST_LENGTH = 16_384;

/** How often each number of one source was seen. */
export class Counts {
  /** Numbers seen, each counted once. */
  size = 0;
  private seen = new Uint8Array(FIRST_LENGTH);

  add(number: number): number {
    if (number >= this.seen.length) this.grow(number);
    const times = Math.min(this.seen[number]! + 1, 255);
    this.seen[number] = times;
    if (times === 1) this.size++;
    return times;
  }

  has(number: number): boolean {
    return (this.seen[number] ?? 0) > 0;
  }

  private grow(number: number): void {
    const grown = new Uint8Array(Math.max(number + 1, this.seen.length * 2));
    grown.set(this.seen);
    this.seen = grown;
  }
}

/** What one subscriber has got: counts repeats at QoS 2, and first deliveries out of order. */
export class Ledger {
  /** Messages, each counted once. */
  delivered = 0;
  duplicatedQos2 = 0;
  reordered = 0;
  /** The first finds, for people. */
  readonly finds: string[] = [];
  private readonly sources = new Map<number, Counts>();
  private readonly newest = new Map<number, number>();

  constructor(private readonly owner: string) {}

  /** @param flow What keeps its order: the messages of one source, topic and QoS. */
  record(source: number, number: number, qos: number, flow: number): void {
    let counts = this.sources.get(source);
    if (counts === undefined) this.sources.set(source, (counts = new Counts()));
    const times = counts.add(number);
    if (times === 1) {
      this.delivered++;
      const newest = this.newest.get(flow) ?? -1;
      if (number < newest) {
        this.reordered++;
        this.find(`message ${number} of source ${source} at QoS ${qos} first came behind ${newest}`);
      } else {
        this.newest.set(flow, number);
      }
    } else if (qos === 2) {
      this.duplicatedQos2++;
      this.find(`message ${number} of source ${source} came ${times} times`);
    }
  }

  has(source: number, number: number): boolean {
    return this.sources.get(source)?.has(number) === true;
  }

  /** Messages of the source that came, each counted once. */
  countOf(source: number): number {
    return this.sources.get(source)?.size ?? 0;
  }

  private find(what: string): void {
    if (this.finds.length < 10) this.finds.push(`${this.owner}: ${what}`);
  }
}
