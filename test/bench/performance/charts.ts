import type { SuiteRecord } from '../suite-record.js';
import { IDLE_COUNTS } from '../suites/connections-suite.js';
import { MATCH_COUNTS } from '../scale/match-time.js';
import { barChart, type BarGroup } from './bar-chart.js';
import { lineChart, type Point } from './line-chart.js';
import { nameOf } from './peer-names.js';

/** Figures by suite. */
export type Records = ReadonlyMap<string, SuiteRecord>;

/** The report's pictures by the name of their file; one whose figures aren't there says so. */
export function charts(records: Records): Readonly<Record<string, string>> {
  return {
    throughput: throughputChart(records),
    latency: latencyChart(records),
    memory: memoryChart(records),
    matching: matchingChart(records),
  };
}

const LAYOUTS: readonly (readonly [scenario: string, label: string])[] = [
  ['qos0-pair', 'QoS 0, one pair'],
  ['qos0-pairs', 'QoS 0, 20 pairs'],
  ['qos0-fanin', 'QoS 0, 50 to 1'],
  ['qos0-fanout', 'QoS 0, 1 to 50'],
  ['qos1-pairs', 'QoS 1, 20 pairs'],
  ['qos2-pairs', 'QoS 2, 20 pairs'],
];

function throughputChart(records: Records): string {
  const record = records.get('throughput');
  const groups = LAYOUTS.map(([scenario, label]) => group(record, scenario, 'delivered_per_s', label));
  return barChart({
    title: 'Throughput by layout',
    unit: 'messages a second, one core each, logarithmic',
    ...named(record, groups),
  });
}

const PERCENTILES: readonly (readonly [key: string, label: string])[] = [
  ['p50_ms', 'p50'],
  ['p99_ms', 'p99'],
  ['p999_ms', 'p99.9'],
];
const RATES: readonly (readonly [scenario: string, label: string])[] = [
  ['latency-5k', '5,000/s'],
  ['latency-50k', '50,000/s'],
];

function latencyChart(records: Records): string {
  const record = records.get('latency');
  const groups = RATES.flatMap(([scenario, rate]) =>
    PERCENTILES.map(([key, label]) => group(record, scenario, key, `${rate}, ${label}`)),
  );
  const unit = 'milliseconds, less is better, logarithmic';
  return barChart({ title: 'Latency', unit, ...named(record, groups) });
}

function memoryChart(records: Records): string {
  const record = records.get('connections');
  const rows = record?.rows ?? [];
  const peers = Object.keys(record?.versions.present ?? {});
  const pointsOf = (peer: string): readonly Point[] =>
    IDLE_COUNTS.flatMap(([scenario, count]) => {
      const row = rows.find((one) => one.scenario === scenario && one.figure.key === 'bytes_each');
      const bytes = row?.medians[peer];
      return bytes === undefined ? [] : [[count, (bytes * count) / 1e6] as const];
    });
  return lineChart({
    title: 'Memory by connections',
    unit: 'MB of resident memory beside that of the broker without any',
    xLabel: 'idle connections with one subscription each',
    isLogarithmic: false,
    lines: peers
      .map((peer) => ({ name: nameOf(peer), points: pointsOf(peer) }))
      .filter(({ points }) => points.length > 0),
  });
}

function matchingChart(records: Records): string {
  const rows = records.get('matching')?.rows ?? [];
  const kinds = ['exact', 'plus', 'hash', 'mixed'];
  const pointsOf = (kind: string): readonly Point[] =>
    MATCH_COUNTS.flatMap(([key, count]) => {
      const row = rows.find((one) => one.scenario === `match-${kind}` && one.figure.key === key);
      const us = row?.medians['surety'];
      return us === undefined ? [] : [[count, us] as const];
    });
  const names: Readonly<Record<string, string>> = { plus: 'with +', hash: 'with #' };
  return lineChart({
    title: 'The time of a match by subscriptions',
    unit: 'microseconds',
    xLabel: 'subscriptions, logarithmic',
    isLogarithmic: true,
    lines: kinds.map((kind) => ({ name: names[kind] ?? kind, points: pointsOf(kind) })),
  });
}

function group(record: SuiteRecord | undefined, scenario: string, key: string, label: string): BarGroup {
  const row = record?.rows.find((one) => one.scenario === scenario && one.figure.key === key);
  return { label, values: row?.medians ?? {} };
}

/** Peers as people call them. */
function named(
  record: SuiteRecord | undefined,
  groups: readonly BarGroup[],
): { readonly peers: readonly string[]; readonly groups: readonly BarGroup[] } {
  const peers = Object.keys(record?.versions.present ?? {});
  const renamed = groups.map(({ label, values }) => ({
    label,
    values: Object.fromEntries(Object.entries(values).map(([peer, value]) => [nameOf(peer), value])),
  }));
  return { peers: peers.map(nameOf), groups: renamed };
}
