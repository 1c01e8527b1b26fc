/** Types of conformance-table.js, for its unit test. */

export interface Statement {
  readonly id: string;
  readonly appliesTo: string;
  readonly level: string;
  readonly requirement: string;
}

export interface TestResult {
  readonly title: string;
  readonly status: string;
}

export interface ConformanceTable {
  readonly rows: readonly {
    readonly id: string;
    readonly level: string;
    readonly requirement: string;
    readonly tests: number;
    readonly result: string;
  }[];
  readonly otherTests: number;
  readonly faults: readonly string[];
}

export const NOT_OFFERED: ReadonlyMap<string, string>;
export function serverStatements(csv: string): Statement[];
export function conformanceTable(
  statements: readonly Statement[],
  tests: readonly TestResult[],
  notOffered?: ReadonlyMap<string, string>,
): ConformanceTable;
export function renderMarkdown(table: ConformanceTable): string;
export function renderText(table: ConformanceTable): string;
