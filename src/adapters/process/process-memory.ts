import { totalmem } from 'node:os';
import process from 'node:process';
import { getHeapStatistics } from 'node:v8';

import type { MemoryGauge, MemoryReading } from '../../application/ports/memory-reading.js';

/** Of the memory that there is: the rest is for PostgreSQL, the page cache, and everything else. */
const SHARE = 0.5;
/** Of the JavaScript heap's own limit, past which the process is ended: garbage counts in what is used of it. */
const HEAP_SHARE = 0.85;

/**
 * The memory of this process. What the heap has reserved and doesn't use is left out: it goes to whoever asks next, and is
 * given back to the system only now and then, so with it a flood would count for long after its end.
 */
export class ProcessMemory implements MemoryGauge {
  private readonly heapBytesMax = getHeapStatistics().heap_size_limit * HEAP_SHARE;
  private readonly usualBytesMax = Math.floor(availableBytes() * SHARE);

  /** @param limits Looked at each time; with 0, half of what the container or the machine has is the limit. */
  constructor(private readonly limits: { readonly memoryBytesMax: number }) {}

  read(): MemoryReading {
    const { rss, heapTotal, heapUsed } = process.memoryUsage();
    const { heapBytesMax, limits, usualBytesMax } = this;
    const limitBytes = limits.memoryBytesMax === 0 ? usualBytesMax : limits.memoryBytesMax;
    const usedBytes = rss - (heapTotal - heapUsed);
    return { usedBytes, limitBytes, pressure: Math.max(usedBytes / limitBytes, heapUsed / heapBytesMax) };
  }
}

/** What the container may use where there is one with a limit, or else the machine's memory. */
function availableBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
