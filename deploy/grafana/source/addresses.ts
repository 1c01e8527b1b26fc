import { RUNBOOKS } from './runbook-texts.js';

/** What dashboards are found by; never changes, so that links last. */
export const BOARDS = {
  overview: 'surety-overview',
  delivery: 'surety-delivery',
  sessions: 'surety-sessions',
  security: 'surety-security',
  runtime: 'surety-runtime',
  runbooks: 'surety-runbooks',
} as const;
export type BoardName = keyof typeof BOARDS;

/** Leads to a dashboard, with the time and the brokers that are looked at. */
export function boardUrl(name: BoardName): string {
  return `/d/${BOARDS[name]}?\${__url_time_range}&\${datasource:queryparam}&\${instance:queryparam}`;
}

/** Leads to the runbook of an alert. @throws Error when there is none. */
export function runbookUrl(alert: string): string {
  const index = RUNBOOKS.findIndex(({ title }) => title === alert);
  if (index < 0) throw new Error(`docs/runbooks.md has no section ${alert}`);
  return `/d/${BOARDS.runbooks}?viewPanel=panel-${runbookPanel(index)}`;
}

/** The number of a runbook's panel: there is a heading before them. */
export function runbookPanel(index: number): number {
  return index + 2;
}
