import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';

/** A query of a panel. */
export interface Query extends cog.Builder<cog.Dataquery> {
  refId(id: string): this;
}

/** The brokers that a dashboard's variable selects. */
const SELECTED = 'instance=~"$instance"';

/** The series of a metric that belong to the selected brokers. @param labels More matchers. */
export function of(metric: string, labels?: string): string {
  return `${metric}{${labels === undefined ? SELECTED : `${SELECTED}, ${labels}`}}`;
}

/** What a counter grows by in a second, for each of its series. */
export function rate(counter: string, labels?: string): string {
  return `rate(${of(counter, labels)}[$__rate_interval])`;
}

/** What a counter has grown by in all the time that the dashboard shows. */
export function increase(counter: string, labels?: string): string {
  return `increase(${of(counter, labels)}[$__range])`;
}

/** A sum by labels, such as `qos`; over everything without any. */
export function sum(expression: string, ...by: readonly string[]): string {
  return by.length === 0 ? `sum(${expression})` : `sum by (${by.join(', ')}) (${expression})`;
}

/** A quantile of a histogram, as of late. @param by Labels that are kept. */
export function quantile(fraction: number, histogram: string, ...by: readonly string[]): string {
  return `histogram_quantile(${fraction}, ${sum(rate(`${histogram}_bucket`), 'le', ...by)})`;
}

/** The mean of a histogram's values, as of late. */
export function mean(histogram: string): string {
  return `${sum(rate(`${histogram}_sum`))} / ${sum(rate(`${histogram}_count`))}`;
}

/** A query over the time that the dashboard shows. @param legend `{{label}}` stands for a label's value. */
export function curve(expression: string, legend = '{{instance}}'): DataqueryBuilder {
  return new DataqueryBuilder().expr(expression).legendFormat(legend).range();
}

/** A query for how things are at the end of that time. */
export function present(expression: string, legend = '{{instance}}'): DataqueryBuilder {
  return new DataqueryBuilder().expr(expression).legendFormat(legend).instant();
}

/** The same, as rows with a column for each label. */
export function rows(expression: string): DataqueryBuilder {
  return new DataqueryBuilder().expr(expression).instant().format(PromQueryFormat.Table);
}

/** The buckets of a histogram over time, for a heat map. */
export function buckets(histogram: string): DataqueryBuilder {
  return new DataqueryBuilder()
    .expr(sum(`increase(${of(`${histogram}_bucket`)}[$__rate_interval])`, 'le'))
    .legendFormat('{{le}}')
    .format(PromQueryFormat.Heatmap)
    .range();
}

/** A query of Grafana's source for PostgreSQL, in the fields that this source has for it. */
class SqlQuery implements Query {
  private id = 'A';

  constructor(
    private readonly text: string,
    private readonly format: 'table' | 'time_series',
  ) {}

  refId(id: string): this {
    this.id = id;
    return this;
  }

  build(): cog.Dataquery {
    const query = {
      refId: this.id,
      ...{ editorMode: 'code', rawQuery: true, rawSql: this.text, format: this.format },
    };
    // The method only marks the type, and is nothing of the JSON.
    return query as unknown as cog.Dataquery;
  }
}

/** Rows of the views in `surety_report`; see docs/sql-views.md. */
export function sql(text: string): Query {
  return new SqlQuery(text, 'table');
}

/** The same over time: columns `time`, `metric` and `value`. */
export function sqlCurves(text: string): Query {
  return new SqlQuery(text, 'time_series');
}
