import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import {
  type AnnotationQuery,
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

import { of } from './queries.js';
import { POSTGRES, PROMETHEUS } from './sources.js';

/** A dashboard: headings with the panels below them. */
export interface Board {
  /** Its address in Grafana; never changes, so that links last. */
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  /** Whether it asks the database as well. */
  readonly hasSql?: boolean;
  /** Texts that its queries take from whoever looks at it: the variable's name and what is asked for. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly rows: Readonly<Record<string, readonly cog.Builder<Panel>[]>>;
}

/** Marks every dashboard of the broker, so that each can list the others. */
const TAG = 'surety';

/** @returns the dashboard as Grafana takes it. */
export function dashboardOf({ uid, title, about, hasSql = false, inputs = {}, rows }: Board): Dashboard {
  const builder = new DashboardBuilder(`Surety: ${title}`)
    .uid(uid)
    .description(about)
    .tags([TAG])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(linkToOthers())
    .annotation(starts())
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type(PROMETHEUS.type))
    .withVariable(brokers());
  if (hasSql)
    builder.withVariable(new DatasourceVariableBuilder('database').label('Database').type(POSTGRES.type));
  for (const [name, label] of Object.entries(inputs))
    builder.withVariable(new TextBoxVariableBuilder(name).label(label).defaultValue(''));
  for (const [heading, panels] of Object.entries(rows)) {
    builder.withRow(new RowBuilder(heading));
    for (const panel of panels) builder.withPanel(panel);
  }
  const dashboard = builder.build();
  dashboard.panels?.forEach((panel, index) => (panel.id = index + 1));
  return dashboard;
}

function linkToOthers(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('Surety')
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true);
}

function brokers(): QueryVariableBuilder {
  return new QueryVariableBuilder('instance')
    .label('Broker')
    .datasource(PROMETHEUS)
    .query('label_values(surety_build_info, instance)')
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ text: 'All', value: '$__all' });
}

/** A line in each graph where a broker was started. */
function starts(): cog.Builder<AnnotationQuery> {
  const query = new AnnotationQueryBuilder()
    .name('Starts of the broker')
    .datasource(PROMETHEUS)
    .enable(true)
    .iconColor('blue')
    .expr(`${of('process_start_time_seconds', 'job="surety"')} * 1000`);
  // Fields that Grafana's source for Prometheus has, and the library doesn't know.
  const ofPrometheus = { useValueForTime: true, titleFormat: '{{instance}} was started', step: '60s' };
  return { build: () => ({ ...query.build(), ...ofPrometheus }) };
}
