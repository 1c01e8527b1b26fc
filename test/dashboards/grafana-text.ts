/** What Grafana fills in. */
export interface GrafanaValues {
  readonly fromMs: number;
  readonly toMs: number;
  /** The distance of points, such as `5s`. */
  readonly interval: string;
  /** What `$__rate_interval` stands for: at least four scrapes. */
  readonly rateInterval: string;
  /** The values of the dashboard's variables. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A PromQL query as Grafana sends it. @throws Error when it has a variable that Grafana wouldn't know. */
export function promQl(text: string, values: GrafanaValues): string {
  return filledIn(text, values);
}

/** An SQL query as Grafana sends it. @throws Error when it has a macro or variable that Grafana wouldn't know. */
export function sqlText(text: string, values: GrafanaValues): string {
  const [from, to] = [values.fromMs, values.toMs].map((ms) => `'${new Date(ms).toISOString()}'`);
  const expanded = filledIn(text.replaceAll(/\$__(timeFilter|timeGroupAlias)\b/g, '@@$1'), values)
    .replaceAll(/@@timeFilter\(([^)]+)\)/g, `$1 BETWEEN ${from} AND ${to}`)
    .replaceAll(/@@timeGroupAlias\(([^,]+), (\d+)s\)/g, 'floor(extract(epoch from $1)/$2)*$2 AS "time"');
  if (expanded.includes('@@')) throw new Error(`a macro of another form than expected: ${text}`);
  return expanded;
}

function filledIn(text: string, { fromMs, toMs, interval, rateInterval, variables }: GrafanaValues): string {
  const known: Record<string, string> = {
    ...variables,
    __interval: interval,
    __rate_interval: rateInterval,
    __range: `${Math.round((toMs - fromMs) / 1000)}s`,
  };
  return text.replaceAll(
    /\$(?:\{(\w+)(?::(\w+))?\}|(\w+))/g,
    (all, braced?: string, format?: string, bare?: string) => {
      const value = known[braced ?? bare ?? ''];
      if (value === undefined) throw new Error(`Grafana has nothing for ${all} in ${text}`);
      return format === 'sqlstring' ? `'${value.replaceAll("'", "''")}'` : value;
    },
  );
}
