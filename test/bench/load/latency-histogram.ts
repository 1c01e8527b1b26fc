const SUB_BITS = 6;
const SUB_BUCKETS = 1 << SUB_BITS;
const POWERS = 32 - SUB_BITS;

/**
 * Counts latencies in buckets that are at most 1/64 of their value wide, from 0 to 2^32 - 1 microseconds.
 * Recording allocates nothing.
 */
export class LatencyHistogram {
  private readonly counts = new Float64Array(SUB_BUCKETS * (POWERS + 1));
  private total = 0;

  /** How many latencies were recorded. */
  get count(): number {
    return this.total;
  }

  /** @param us Microseconds, an unsigned 32-bit integer. */
  record(us: number): void {
    const bucket = bucketOf(us);
    this.counts[bucket] = this.counts[bucket]! + 1;
    this.total++;
  }

  /**
   * The latency that `fraction` of all recorded ones don't exceed (nearest rank), in microseconds, to the
   * middle of its bucket; 0 when nothing was recorded.
   * @param fraction Above 0 and at most 1: 0.99 for the 99th percentile.
   */
  percentileUs(fraction: number): number {
    const rank = Math.max(1, Math.ceil(this.total * fraction));
    let seen = 0;
    for (let bucket = 0; bucket < this.counts.length; bucket++) {
      seen += this.counts[bucket]!;
      if (seen >= rank) return middleUs(bucket);
    }
    return 0;
  }
}

function bucketOf(us: number): number {
  const power = 31 - Math.clz32(us) - SUB_BITS;
  if (power < 0) return us;
  return SUB_BUCKETS * (power + 1) + ((us >>> power) - SUB_BUCKETS);
}

function middleUs(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket;
  const power = Math.floor(bucket / SUB_BUCKETS) - 1;
  const lowest = (SUB_BUCKETS + (bucket % SUB_BUCKETS)) * 2 ** power;
  return lowest + (2 ** power - 1) / 2;
}
