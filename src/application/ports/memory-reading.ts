/** How much memory the process takes, and how much it may take. */
export interface MemoryReading {
  /** Bytes that are in use. */
  readonly usedBytes: number;
  /** Bytes that may be. */
  readonly limitBytes: number;
  /** How near the process is to the nearest of its limits: 1 is at it. */
  readonly pressure: number;
}

/** Looks at the process's memory. */
export interface MemoryGauge {
  read(): MemoryReading;
}
