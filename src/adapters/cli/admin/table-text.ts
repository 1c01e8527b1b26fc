import { onOneLine } from '../terminal-text.js';
import type { Row } from './admin-actions.js';

/** A column of a table: its head, and the field that it shows. */
export type Column = readonly [head: string, field: string];

/** Lines up rows under heads that keep their places from page to page. */
export class TableText {
  private widths: readonly number[] | undefined;

  constructor(private readonly columns: readonly Column[]) {}

  /** The lines of a page; with the heads before the first. */
  page(rows: readonly Row[]): string {
    const cells = rows.map((row) => this.columns.map(([, field]) => cellText(row[field])));
    const heads = this.columns.map(([head]) => head);
    const isFirst = this.widths === undefined;
    const all = isFirst ? [heads, ...cells] : cells;
    this.widths ??= heads.map((_, i) => Math.max(...all.map((line) => line[i]?.length ?? 0)));
    const { widths } = this;
    return all
      .map(
        (line) =>
          `${line
            .map((cell, i) => cell.padEnd(widths[i] ?? 0))
            .join('  ')
            .trimEnd()}\n`,
      )
      .join('');
  }
}

/** Names and values, one a line. */
export function fieldLines(row: Row, indent = ''): string {
  const width = Math.max(...Object.keys(row).map((name) => name.length));
  return Object.entries(row)
    .map(([name, value]) =>
      isGroup(value)
        ? `${indent}${name}\n${fieldLines(value, `${indent}  `)}`
        : `${indent}${name.padEnd(width)}  ${cellText(value)}\n`,
    )
    .join('');
}

/** On one line, and without what a terminal would take for a command: names and payloads are others' texts. */
export function cellText(value: unknown): string {
  if (value === undefined || value === null) return '-';
  return onOneLine(typeof value === 'string' ? value : JSON.stringify(value));
}

function isGroup(value: unknown): value is Row {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  );
}
