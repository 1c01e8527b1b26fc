import { aboutText, valueOf } from '../comparison.js';
import type { Minimum } from '../scenario.js';
import type { SuiteRecord } from '../suite-record.js';
import { formatNumber } from '../text-table.js';
import type { Records } from './charts.js';
import { goalsOf, type Part, PARTS } from './parts.js';
import { nameOf } from './peer-names.js';

const PICTURES: Readonly<Record<string, readonly [file: string, text: string]>> = {
  throughput: ['throughput', 'Messages a second by layout, beside other brokers'],
  latency: ['latency', 'Percentiles of latency, beside other brokers'],
  connections: ['memory', 'Resident memory by the number of connections'],
  matching: ['matching', 'The time of a match by the number of subscriptions'],
};

/** docs/performance.md as text. */
export function performancePage(records: Records): string {
  return `${[...introduction(records), ...asked(records), ...PARTS.flatMap((part) => section(part, records))].join('\n')}\n`;
}

function introduction(records: Records): readonly string[] {
  return [
    '# Performance',
    '',
    '<!-- Written by `npm run bench -- report`. -->',
    '',
    'All brokers run on the same machine, in turn, each held to one processor, with another one for the load generator, unless',
    'a part says that they share all. The same program drives them all, over TCP on loopback. Figures are medians of the',
    'rounds, and ratios the medians of each round\u2019s own, as a machine may be half as fast a minute later. Absolute figures are',
    'those of this machine; what counts are ratios of one run.',
    '',
    ...machineLines(records),
  ];
}

function machineLines(records: Records): readonly string[] {
  const any = [...records.values()].at(0);
  if (any === undefined) return ['Nothing has been measured yet.', ''];
  const versions = Object.assign({}, ...[...records.values()].map((one) => one.versions.present)) as Record<
    string,
    string
  >;
  const absent = Object.assign(
    {},
    ...[...records.values()].map((one) => one.versions.absent),
  ) as typeof versions;
  const { cpu, cores, memoryGib, system, node } = any.machine;
  const named = Object.entries(versions).map(([peer, version]) => `${programOf(peer)} ${version}`);
  return [
    `- Machine: ${cpu}, ${cores} processors, ${memoryGib} GiB, ${system}`,
    `- Node.js ${node}; ${[...new Set(named)].join(', ')}`,
    ...Object.entries(absent).map(([peer, why]) => `- Not measured: ${peer} (${why})`),
    '',
  ];
}

/** Surety runs under several names, each with settings of its own. */
function programOf(peer: string): string {
  return nameOf(peer.startsWith('surety') ? 'surety' : peer);
}

/** One row for each thing that is asked of Surety. */
function asked(records: Records): readonly string[] {
  const rows = PARTS.flatMap((part) => {
    const record = records.get(part.suite.name);
    return goalsOf(part).map((goal) => goalRow(goal, part.suite.subject, record));
  });
  return ['## What is asked', '', ...table([['what', 'asked', 'measured', ''], ...rows], 1), ''];
}

function goalRow(goal: Minimum, subject: string, record: SuiteRecord | undefined): readonly string[] {
  const { min, max, reference } = goal;
  const value = record && valueOf(goal, subject, record.rows);
  const times = reference === undefined ? '' : ' x';
  const bounds = [
    min === undefined ? '' : `at least ${shown(min)}${times}`,
    max === undefined ? '' : `at most ${shown(max)}${times}`,
  ];
  const isMet = value !== undefined && value >= (min ?? -Infinity) && value <= (max ?? Infinity);
  return [
    aboutText(reference === undefined ? goal : { ...goal, reference: nameOf(reference) }),
    bounds.filter((bound) => bound !== '').join(', '),
    value === undefined ? 'not measured' : `${shown(value)}${times}`,
    isMet ? 'met' : '**missed**',
  ];
}

function section({ suite, heading, only }: Part, records: Records): readonly string[] {
  const record = records.get(suite.name);
  const picture = PICTURES[suite.name];
  const lines = [`## ${heading}`, '', sentence(suite.title), ''];
  if (picture !== undefined) lines.push(`![${picture[1]}](performance/${picture[0]}.svg)`, '');
  if (record === undefined) return [...lines, 'Not measured yet.', ''];
  const { at, commit = 'unknown', rounds, measureSeconds } = record;
  const peers = Object.keys(record.versions.present);
  for (const scenario of suite.scenarios.filter(({ name }) => only?.includes(name) ?? true))
    lines.push(`- \`${scenario.name}\`: ${scenario.title}`);
  lines.push('', ...table([...figureRows(record, peers, suite.subject)], 2), '');
  const shared = suite.isPinned ? '' : '; broker, database and load generator share all processors';
  const how = `${rounds} rounds of ${measureSeconds} s, where it has no number of its own${shared}`;
  return [...lines, `Measured ${at.slice(0, 10)} at ${commit}; ${how}.`, ''];
}

function figureRows(
  { rows }: SuiteRecord,
  peers: readonly string[],
  subject: string,
): readonly (readonly string[])[] {
  const others = peers.filter((peer) => peer !== subject);
  const head = ['scenario', 'figure', ...peers.map(nameOf), ...others.map((peer) => `x ${nameOf(peer)}`)];
  const body = rows.map(({ scenario, figure, medians, ratios }) => [
    `\`${scenario}\``,
    figure.label,
    ...peers.map((peer) => formatNumber(medians[peer], figure.digits)),
    ...others.map((peer) => (figure.isCompared ? formatNumber(ratios[peer], 2) : '')),
  ]);
  return [head, ...body];
}

/** A table with so many columns to the left, and all others (numbers) to the right. */
function table(rows: readonly (readonly string[])[], leftColumns: number): readonly string[] {
  const [head = [], ...body] = rows;
  const rule = head.map((_, i) => (i < leftColumns ? '---' : '--:'));
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`);
}

function shown(value: number): string {
  return formatNumber(value, Math.abs(value) >= 1000 || Number.isInteger(value) ? 0 : 2);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
