import type { ComparisonRow } from './comparison.js';
import type { Machine, Pinning } from './machine.js';
import type { PeerVersions } from './report.js';
import type { Measurement } from './scenario.js';

/** What a run of a suite has found, with all that it depends on. */
export interface SuiteRecord {
  readonly suite: string;
  /** When it was measured, as ISO 8601 writes it. */
  readonly at: string;
  readonly machine: Machine;
  readonly pinning: Pinning | undefined;
  /** The commit that was measured, with a plus where files differed from it. */
  readonly commit: string | undefined;
  readonly versions: PeerVersions;
  readonly rounds: number;
  readonly measureSeconds: number;
  readonly warmupSeconds: number;
  readonly rows: readonly ComparisonRow[];
  readonly measurements: readonly Measurement[];
}
