import { readdirSync, readFileSync } from 'node:fs';

/** A query that Grafana would make for a dashboard. */
export interface DashboardQuery {
  /** Dashboard, panel and query, for people. */
  readonly name: string;
  readonly source: 'prometheus' | 'postgres';
  /** With Grafana's variables and macros. */
  readonly text: string;
  /** Whether it asks for one moment; else for all of the time that is shown. */
  readonly isInstant: boolean;
  /** The least distance of points, where the panel says one. */
  readonly interval: string | undefined;
}

/** What of a dashboard's JSON is looked at. */
interface DashboardJson {
  readonly title: string;
  readonly panels: readonly PanelJson[];
  readonly templating: { readonly list: readonly VariableJson[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
}
interface PanelJson {
  readonly title: string;
  readonly interval?: string;
  readonly targets?: readonly TargetJson[];
}
interface TargetJson {
  readonly refId: string;
  readonly expr?: string;
  readonly instant?: boolean;
  readonly rawSql?: string;
}
interface VariableJson {
  readonly name: string;
  readonly type: string;
  readonly query: string;
}

const FOLDER = new URL('../../deploy/grafana/dashboards/', import.meta.url);

/** Every query of every dashboard in deploy/grafana: those of panels, of annotations, and of variables. */
export function dashboardQueries(): DashboardQuery[] {
  return readdirSync(FOLDER).flatMap((file) => {
    const dashboard = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as DashboardJson;
    const { title, panels, annotations, templating } = dashboard;
    return [
      ...panels.flatMap((panel) => panelQueries(title, panel)),
      ...annotations.list.map(({ name, expr }) => metric(`${title} / annotation ${name}`, expr)),
      ...templating.list
        .filter(({ type }) => type === 'query')
        .map(({ name, query }) => metric(`${title} / variable ${name}`, metricOf(query))),
    ];
  });
}

function panelQueries(title: string, { title: panel, interval, targets = [] }: PanelJson): DashboardQuery[] {
  return targets.map(({ refId, expr, rawSql, instant = false }) => ({
    name: `${title} / ${panel} / ${refId}`,
    ...(rawSql === undefined
      ? { source: 'prometheus' as const, text: expr ?? '' }
      : { source: 'postgres' as const, text: rawSql }),
    isInstant: instant,
    interval,
  }));
}

function metric(name: string, text: string): DashboardQuery {
  return { name, source: 'prometheus', text, isInstant: false, interval: undefined };
}

/** `label_values(METRIC, LABEL)` as a query for series that have the label. */
function metricOf(query: string): string {
  const [, name, label] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? [];
  if (name === undefined || label === undefined) throw new Error(`another query than expected: ${query}`);
  return `${name}{${label}!=""}`;
}
