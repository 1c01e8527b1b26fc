import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type GridPos, VariableType } from '@grafana/grafana-foundation-sdk/dashboard';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { runbookUrl } from '../../../deploy/grafana/source/addresses.js';
import { dashboards } from '../../../deploy/grafana/source/dashboards.js';
import { METRICS } from '../../../src/adapters/prometheus/broker-registry.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const textOf = (file: string): string => readFileSync(`${root}${file}`, 'utf8');

const dashboardTexts = Object.fromEntries(
  readdirSync(`${root}deploy/grafana/dashboards`).map((file) => [
    file,
    textOf(`deploy/grafana/dashboards/${file}`),
  ]),
);

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
}
const rules = readdirSync(`${root}deploy/prometheus/rules`).flatMap((file) => {
  const { groups } = parse(textOf(`deploy/prometheus/rules/${file}`)) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  };
  return groups.flatMap((group) => group.rules);
});
const alerts = rules.flatMap(({ alert }) => alert ?? []);
const records = new Set(rules.flatMap(({ record }) => record ?? []));

/** A histogram is asked for by the names of its series. */
const series = new Set(
  Object.values(METRICS)
    .flat()
    .flatMap(({ name, type }) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
    ),
);
/** Names with `surety_` in them: those of metrics, and those that are recorded. */
const namesIn = (text: string): string[] => text.match(/[a-z_:]*surety_[\w:]+/g) ?? [];
const unknownIn = (text: string): string[] =>
  namesIn(text).filter((name) => !series.has(name) && !records.has(name));

test('Prometheus accepts its configuration, and each alert fires when it should', () => {
  execFileSync('promtool', ['check', 'config', `${root}deploy/prometheus/prometheus.yml`], { stdio: 'pipe' });
  execFileSync('promtool', ['test', 'rules', `${root}test/unit/deploy/alerts.yml`], { stdio: 'pipe' });
}, 60_000);

test('each alert has a case that fires it', () => {
  const cases = textOf('test/unit/deploy/alerts.yml');
  expect(alerts.filter((alert) => !cases.includes(`alertname: ${alert}\n`))).toEqual([]);
});

test('rules ask for metrics that the broker has', () => {
  expect(alerts.length).toBeGreaterThan(0);
  expect(rules.flatMap(({ expr }) => unknownIn(expr))).toEqual([]);
});

test('what is recorded is named level:metric:operations, and somebody asks for it', () => {
  const names = [...records];
  expect(names.filter((name) => !/^instance(_[a-z]+)?:[a-z_]+:[a-z0-9_]+$/.test(name))).toEqual([]);
  const users = [...rules.map(({ expr }) => expr), ...Object.values(dashboardTexts)].join('\n');
  expect(names.filter((name) => !users.includes(name))).toEqual([]);
});

test('dashboards ask for metrics that the broker has', () => {
  const expressions = Object.values(dashboardTexts).flatMap((text) =>
    [...text.matchAll(/"expr": "(.*)"/g)].map(([, expression = '']) => expression),
  );
  expect(expressions.length).toBeGreaterThan(0);
  expect(expressions.flatMap(unknownIn)).toEqual([]);
});

test('dashboards are what deploy/grafana/source makes of them: else run `npm run docs:dashboards`', () => {
  const made = Object.entries(dashboards()).map(([file, dashboard]) => [file, JSON.stringify(dashboard)]);
  const kept = Object.entries(dashboardTexts).map(([file, text]) => [file, JSON.stringify(JSON.parse(text))]);
  expect(Object.fromEntries(kept)).toEqual(Object.fromEntries(made));
});

test('no panel of a dashboard lacks a title, a description, or a place of its own', () => {
  for (const { panels = [] } of Object.values(dashboards())) {
    const boxes = panels.map(({ gridPos }) => gridPos!);
    const overlapping = boxes.filter((one, index) =>
      boxes.slice(index + 1).some((other) => overlap(one, other)),
    );
    expect(overlapping).toEqual([]);
    expect(boxes.filter(({ x, w }) => x + w > 24)).toEqual([]);
    const charts = panels.filter(({ type }) => type !== 'row' && type !== 'text');
    expect(charts.filter((panel) => !('description' in panel) || panel.title === undefined)).toEqual([]);
  }
});

test('what is provisioned in Grafana has the data sources that dashboards ask for', () => {
  const { datasources } = parse(textOf('deploy/grafana/provisioning/datasources/surety.yaml')) as {
    readonly datasources: readonly { readonly type: string }[];
  };
  const asked = Object.values(dashboards()).flatMap(({ templating }) =>
    (templating.list ?? []).filter(({ type }) => type === VariableType.Datasource).map(({ query }) => query),
  );
  expect(new Set(datasources.map(({ type }) => type))).toEqual(new Set(asked));
});

test('links of dashboards lead to dashboards that are there', () => {
  const links = Object.values(dashboardTexts).flatMap((text) =>
    [...text.matchAll(/"url": "\/d\/([\w-]+)/g)].map(([, uid = '']) => uid),
  );
  const known = Object.values(dashboards()).map(({ uid }) => uid);
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((uid) => !known.includes(uid))).toEqual([]);
});

test('each runbook has a panel, which alerts on dashboards lead to', () => {
  const panels = dashboards()['runbooks.json']?.panels ?? [];
  const titles = alerts.map((alert) => [
    alert,
    panels[Number(/\d+$/.exec(runbookUrl(alert))![0]) - 1]?.title,
  ]);
  expect(titles).toEqual(alerts.map((alert) => [alert, alert]));
});

test('each alert has its section in docs/runbooks.md, and each section its alert', () => {
  const sections = [...textOf('docs/runbooks.md').matchAll(/^## (Surety\w+)$/gm)].map(([, title]) => title);
  expect(sections).toEqual(alerts);
});

function overlap(one: GridPos, other: GridPos): boolean {
  const apart = (from: number, size: number, otherFrom: number, otherSize: number): boolean =>
    from + size <= otherFrom || otherFrom + otherSize <= from;
  return !apart(one.x, one.w, other.x, other.w) && !apart(one.y, one.h, other.y, other.h);
}
