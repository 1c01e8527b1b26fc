import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SuiteRecord } from '../suite-record.js';

/** Digits that tell something; the rest is noise that would make each version differ in every line. */
const DIGITS = 6;

/** Where the report's figures and pictures are, in the project's folder. */
export const PERFORMANCE_FOLDER = join('docs', 'performance');

/** The figures of a suite that were written last; undefined if there are none. */
export function readFigures(rootDirectory: string, suite: string): SuiteRecord | undefined {
  const path = pathOf(rootDirectory, suite);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SuiteRecord) : undefined;
}

/** Keeps the figures of a suite, in place of those before. */
export function writeFigures(rootDirectory: string, record: SuiteRecord): void {
  const path = pathOf(rootDirectory, record.suite);
  mkdirSync(join(path, '..'), { recursive: true });
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;
  writeFileSync(path, `${JSON.stringify(record, rounded, 1)}\n`);
}

function pathOf(rootDirectory: string, suite: string): string {
  return join(rootDirectory, PERFORMANCE_FOLDER, 'figures', `${suite}.json`);
}
