import type { ComparisonRow } from './comparison.js';
import type { Machine, Pinning } from './machine.js';
import type { Suite } from './scenario.js';
import { formatNumber, textTable } from './text-table.js';

/** Versions of the brokers that run, and why the others don't, by name. */
export interface PeerVersions {
  readonly present: Readonly<Record<string, string>>;
  readonly absent: Readonly<Record<string, string>>;
}

/** The lines above the measurements: machine, versions, pinning. */
export function headerText(machine: Machine, versions: PeerVersions, pinning: Pinning | undefined): string {
  const present = Object.entries(versions.present).map(([name, version]) => `${name} ${version}`);
  const absent = Object.entries(versions.absent).map(([name, why]) => `NOT MEASURED: ${name} (${why})`);
  const pins =
    pinning === undefined
      ? 'not pinned: broker and load generator share all CPUs'
      : `pinned: broker on CPU ${pinning.broker}, load generator on CPU ${pinning.load}`;
  return [
    `machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, ${machine.system}`,
    `Node ${machine.node}; ${present.join(', ')}`,
    ...absent,
    pins,
  ].join('\n');
}

/** Medians side by side, and those of the subject's multiples of each other peer's values. */
export function comparisonText(
  suite: Suite,
  peers: readonly string[],
  rows: readonly ComparisonRow[],
): string {
  const others = peers.includes(suite.subject) ? peers.filter((peer) => peer !== suite.subject) : [];
  const head = ['scenario', 'median of', ...peers, ...others.map((peer) => `x ${peer}`)];
  const body = rows.map((row) => [
    row.scenario,
    row.figure.label,
    ...peers.map((peer) => formatNumber(row.medians[peer], row.figure.digits)),
    ...others.map((peer) => (row.figure.isCompared ? formatNumber(row.ratios[peer], 2) : '')),
  ]);
  return textTable([head, ...body]);
}
