import process from 'node:process';

import { collectDefaultMetrics, type Metric, type MetricType, Registry } from 'prom-client';

import type { HistogramReading, MetricDefinition, MetricSources } from './metric-definition.js';
import { AUDIT } from './metrics/audit.js';
import { AUTHENTICATION } from './metrics/authentication.js';
import { CONNECTIONS } from './metrics/connections.js';
import { HEALTH } from './metrics/health.js';
import { JOURNAL } from './metrics/journal.js';
import { SESSIONS } from './metrics/sessions.js';
import { TRAFFIC } from './metrics/traffic.js';
import { openFiles } from './open-files.js';

/** The broker's own metrics, by the headings of their reference. */
export const METRICS: Readonly<Record<string, readonly MetricDefinition[]>> = {
  Traffic: TRAFFIC,
  Connections: CONNECTIONS,
  'Authentication and access': AUTHENTICATION,
  'Sessions and queues': SESSIONS,
  'Journal and database': JOURNAL,
  'Audit trail': AUDIT,
  Health: HEALTH,
};

/** Default metrics of prom-client that walk over all connections at each scrape, while everybody waits. */
const WALKING = [
  ...['nodejs_active_handles', 'nodejs_active_handles_total'],
  ...['nodejs_active_resources', 'nodejs_active_resources_total'],
  ...['nodejs_active_requests', 'nodejs_active_requests_total'],
  'process_open_fds',
];

/** The broker's metrics. They are read from its plain counters when a scrape asks, and cost nothing else. */
export function brokerRegistry(sources: MetricSources): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of WALKING) registry.removeSingleMetric(name);
  if (process.platform === 'linux') registry.registerMetric(openFiles());
  for (const definition of Object.values(METRICS).flat())
    // What a registry asks of a metric is less than what the classes of prom-client have.
    registry.registerMetric(new ReadMetric(definition, sources) as unknown as Metric);
  return registry;
}

type Labels = Readonly<Record<string, string | number>>;

interface Value {
  readonly value: number;
  readonly labels: Labels;
  readonly metricName?: string;
}

/** A metric that keeps no value of its own. */
class ReadMetric {
  readonly name: string;

  constructor(
    private readonly definition: MetricDefinition,
    private readonly sources: MetricSources,
  ) {
    this.name = definition.name;
  }

  get(): { name: string; help: string; type: MetricType; aggregator: string; values: Value[] } {
    const { name, help, type } = this.definition;
    // The names of the types are an enum in the declarations of prom-client, and nothing at run time.
    return { name, help, type: type as unknown as MetricType, aggregator: 'sum', values: this.values() };
  }

  private values(): Value[] {
    const { definition, sources } = this;
    const names = definition.labels ?? [];
    if (definition.type === 'histogram') {
      const read = definition.read(sources);
      if ('bounds' in read) return histogramValues(definition.name, {}, read);
      return Array.from(read).flatMap((sample) =>
        histogramValues(definition.name, labelsOf(names, sample), sample.at(-1) as HistogramReading),
      );
    }
    const read = definition.read(sources);
    if (typeof read === 'number') return [{ value: read, labels: {} }];
    return Array.from(read, (sample) => ({
      value: sample.at(-1) as number,
      labels: labelsOf(names, sample),
    }));
  }
}

function labelsOf(names: readonly string[], sample: readonly unknown[]): Labels {
  return Object.fromEntries(names.map((name, index) => [name, sample[index] as string]));
}

function histogramValues(name: string, labels: Labels, { bounds, counts, sum }: HistogramReading): Value[] {
  let below = 0;
  const buckets = counts.map((count, index): Value => {
    below += count;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[index] ?? '+Inf' }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: below },
  ];
}
