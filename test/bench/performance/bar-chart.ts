import { logarithmicScale, shortNumber } from './scale.js';
import { COLOURS, element, picture, text } from './svg.js';

/** Bars beside each other, a group for each thing measured and a colour for each peer. */
export interface BarChart {
  readonly title: string;
  /** What the numbers are. */
  readonly unit: string;
  readonly peers: readonly string[];
  readonly groups: readonly BarGroup[];
}

export interface BarGroup {
  readonly label: string;
  /** By peer; one without a number has no bar. */
  readonly values: Readonly<Record<string, number>>;
}

const WIDTH = 760;
const LEFT = 150;
const RIGHT = 70;
const TOP = 64;
const BAR = 14;
const GROUP_GAP = 14;

/** Draws bars that lie, on a logarithmic scale, as peers differ by factors. */
export function barChart({ title, unit, peers, groups }: BarChart): string {
  const values = groups.flatMap((group) => Object.values(group.values)).filter((value) => value > 0);
  if (values.length === 0) return picture(WIDTH, TOP, title, [heading(title, 'not measured')]);
  const scale = logarithmicScale(Math.min(...values), Math.max(...values));
  const groupHeight = peers.length * BAR + GROUP_GAP;
  const bottom = TOP + groups.length * groupHeight;
  const xOf = (value: number): number => LEFT + scale.at(value) * (WIDTH - LEFT - RIGHT);
  const grid = scale.ticks.flatMap((tick) => [
    element('line', { x1: xOf(tick), x2: xOf(tick), y1: TOP - 6, y2: bottom, stroke: '#ddd' }),
    text(xOf(tick), bottom + 16, shortNumber(tick), { anchor: 'middle', size: 11 }),
  ]);
  const bars = groups.flatMap((group, index) => {
    const top = TOP + index * groupHeight;
    const label = text(LEFT - 8, top + (peers.length * BAR) / 2 + 4, group.label, { anchor: 'end' });
    return [label, ...peers.flatMap((peer, row) => bar(group.values[peer], row, top + row * BAR, xOf))];
  });
  return picture(WIDTH, bottom + 28, title, [heading(title, unit), ...legend(peers), ...grid, ...bars]);
}

function bar(
  value: number | undefined,
  row: number,
  y: number,
  xOf: (value: number) => number,
): readonly string[] {
  if (value === undefined || value <= 0) return [];
  const width = Math.max(1, xOf(value) - LEFT);
  return [
    element('rect', { x: LEFT, y, width, height: BAR - 2, fill: COLOURS[row % COLOURS.length] }),
    text(LEFT + width + 4, y + BAR - 4, shortNumber(value), { size: 10 }),
  ];
}

/** The lines above a chart. */
export function heading(title: string, unit: string): string {
  return text(16, 22, title, { size: 14, bold: true }) + text(16, 42, unit, { size: 11 });
}

/** Which colour is whose, from the right edge on. */
export function legend(names: readonly string[], width = WIDTH): readonly string[] {
  return names.flatMap((name, i) => {
    const x = width - (names.length - i) * 110;
    return [
      element('rect', { x, y: 33, width: 10, height: 10, fill: COLOURS[i % COLOURS.length] }),
      text(x + 15, 42, name, { size: 11 }),
    ];
  });
}
