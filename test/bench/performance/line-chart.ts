import { heading, legend } from './bar-chart.js';
import { linearScale, logarithmicScale, type Scale, shortNumber } from './scale.js';
import { COLOURS, element, picture, text } from './svg.js';

/** Lines over a number that grows. */
export interface LineChart {
  readonly title: string;
  readonly unit: string;
  /** What grows from left to right. */
  readonly xLabel: string;
  /** Whether it grows by factors. */
  readonly isLogarithmic: boolean;
  readonly lines: readonly { readonly name: string; readonly points: readonly Point[] }[];
}

export type Point = readonly [x: number, y: number];

const WIDTH = 760;
const HEIGHT = 340;
const AREA = { left: 64, right: WIDTH - 24, top: 64, bottom: HEIGHT - 48 } as const;

/** Draws lines with a mark at each point that was measured. */
export function lineChart({ title, unit, xLabel, isLogarithmic, lines }: LineChart): string {
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) return picture(WIDTH, AREA.top, title, [heading(title, 'not measured')]);
  const xs = points.map(([x]) => x);
  const xScale = isLogarithmic
    ? logarithmicScale(Math.min(...xs), Math.max(...xs))
    : linearScale(Math.max(...xs));
  const yScale = linearScale(Math.max(...points.map(([, y]) => y)));
  const drawn = lines.flatMap((line, i) => drawLine(line.points, i, xScale, yScale));
  const names = lines.map((line) => line.name);
  const below = text((AREA.left + AREA.right) / 2, HEIGHT - 10, xLabel, { anchor: 'middle', size: 11 });
  const parts = [heading(title, unit), ...legend(names), ...axes(xScale, yScale), below, ...drawn];
  return picture(WIDTH, HEIGHT, title, parts);
}

function axes(xScale: Scale, yScale: Scale): readonly string[] {
  const { left, right, top, bottom } = AREA;
  const rows = yScale.ticks.flatMap((tick) => [
    element('line', { x1: left, x2: right, y1: yOf(yScale, tick), y2: yOf(yScale, tick), stroke: '#ddd' }),
    text(left - 8, yOf(yScale, tick) + 4, shortNumber(tick), { anchor: 'end', size: 11 }),
  ]);
  const columns = xScale.ticks.flatMap((tick) => [
    element('line', { x1: xOf(xScale, tick), x2: xOf(xScale, tick), y1: top, y2: bottom, stroke: '#eee' }),
    text(xOf(xScale, tick), bottom + 16, shortNumber(tick), { anchor: 'middle', size: 11 }),
  ]);
  return [...rows, ...columns];
}

function drawLine(points: readonly Point[], index: number, xScale: Scale, yScale: Scale): readonly string[] {
  const stroke = COLOURS[index % COLOURS.length];
  const places = points.map(([x, y]) => [xOf(xScale, x), yOf(yScale, y)] as const);
  const path = places.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  const marks = places.map(([cx, cy]) => element('circle', { cx, cy, r: 3.5, fill: stroke }));
  return [element('polyline', { points: path, fill: 'none', stroke, 'stroke-width': 2 }), ...marks];
}

const xOf = (scale: Scale, value: number): number => AREA.left + scale.at(value) * (AREA.right - AREA.left);
const yOf = (scale: Scale, value: number): number => AREA.bottom - scale.at(value) * (AREA.bottom - AREA.top);
