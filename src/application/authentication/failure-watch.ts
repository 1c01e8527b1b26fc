/** When those who fail to prove who they are have to wait. */
export interface FailureLimits {
  /** Failures of one client at one address within the time, by which both are banned together; 0 bans nobody. */
  readonly max: number;
  /** Failures of all clients of one address within the time, by which the address is banned; 0 bans none. */
  readonly addressMax: number;
  readonly withinMs: number;
}

/** Who has failed too often: a client at its address, or all at the address; undefined if nobody has. */
export type FailureVerdict = 'client' | 'address' | undefined;

interface FailureCount {
  count: number;
  readonly sinceMs: number;
}

/** Clients and addresses that are counted at a time: past it the one that has been counted longest gives way. */
const COUNTS_MAX = 50_000;

/** Counts failures in windows of time. However many names and addresses there are, memory is bounded. */
export class FailureWatch {
  private readonly counts = new Map<string, FailureCount>();

  /** @param limits May be set anew; what was counted stays. */
  constructor(public limits: FailureLimits) {}

  /** Clients and addresses that are counted at the moment. */
  get size(): number {
    return this.counts.size;
  }

  /** Counts a failure. @returns who is to wait; their count begins anew. */
  failed(address: string, clientId: string, nowMs: number): FailureVerdict {
    const { max, addressMax } = this.limits;
    // Both are counted, whichever is reached first.
    const isAddressOver = this.isOver(JSON.stringify([address]), addressMax, nowMs);
    const isClientOver = this.isOver(JSON.stringify([address, clientId]), max, nowMs);
    if (isAddressOver) return 'address';
    return isClientOver ? 'client' : undefined;
  }

  /** A success of a client ends its count, and not that of its address: others may be guessing there. */
  succeeded(address: string, clientId: string): void {
    if (this.counts.size > 0) this.counts.delete(JSON.stringify([address, clientId]));
  }

  /** Forgets what is too old to count. */
  sweep(nowMs: number): void {
    for (const [key, { sinceMs }] of this.counts)
      if (nowMs - sinceMs >= this.limits.withinMs) this.counts.delete(key);
  }

  private isOver(key: string, max: number, nowMs: number): boolean {
    if (max === 0) return false;
    const known = this.counts.get(key);
    const isCurrent = known !== undefined && nowMs - known.sinceMs < this.limits.withinMs;
    const counted = isCurrent ? known : this.begin(key, nowMs);
    counted.count++;
    if (counted.count < max) return false;
    this.counts.delete(key);
    return true;
  }

  private begin(key: string, nowMs: number): FailureCount {
    this.counts.delete(key);
    const [oldest] = this.counts.keys();
    if (this.counts.size >= COUNTS_MAX && oldest !== undefined) this.counts.delete(oldest);
    const counted = { count: 0, sinceMs: nowMs };
    this.counts.set(key, counted);
    return counted;
  }
}
