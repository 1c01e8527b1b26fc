import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { METRICS } from '../../../src/adapters/prometheus/broker-registry.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const textOf = (file: string): string => readFileSync(`${root}${file}`, 'utf8');

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly expr: string }[];
  }[];
}
const { groups } = parse(textOf('deploy/prometheus/rules/surety.yml')) as Rules;
const alerts = groups.flatMap(({ rules }) => rules);

/** A histogram is asked for by the names of its series. */
const series = new Set(
  Object.values(METRICS)
    .flat()
    .flatMap(({ name, type }) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
    ),
);
const unknownIn = (text: string): string[] =>
  (text.match(/\bsurety_\w+/g) ?? []).filter((name) => !series.has(name));

test('Prometheus accepts its configuration, and each alert fires when it should', () => {
  execFileSync('promtool', ['check', 'config', `${root}deploy/prometheus/prometheus.yml`], { stdio: 'pipe' });
  execFileSync('promtool', ['test', 'rules', `${root}test/unit/deploy/alerts.yml`], { stdio: 'pipe' });
});

test('alerts ask for metrics that the broker has', () => {
  expect(alerts.length).toBeGreaterThan(0);
  expect(alerts.flatMap(({ expr }) => unknownIn(expr))).toEqual([]);
});

test('dashboards ask for metrics that the broker has', () => {
  const files = readdirSync(`${root}deploy/grafana/dashboards`);
  const expressions = files.flatMap((file) => {
    const text = textOf(`deploy/grafana/dashboards/${file}`);
    return [...text.matchAll(/"expr": "(.*)"/g)].map(([, expression = '']) => expression);
  });
  expect(expressions.length).toBeGreaterThan(0);
  expect(expressions.flatMap(unknownIn)).toEqual([]);
});

test('each alert has its section in docs/runbooks.md, and each section its alert', () => {
  const sections = [...textOf('docs/runbooks.md').matchAll(/^## (Surety\w+)$/gm)].map(([, title]) => title);
  expect(sections).toEqual(alerts.map(({ alert }) => alert));
});
