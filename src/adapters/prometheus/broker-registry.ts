import { collectDefaultMetrics, type Metric, type MetricType, Registry } from 'prom-client';

import type { FixedHistogram } from '../../domain/fixed-histogram.js';
import type { MetricDefinition, MetricSources, Sample } from './metric-definition.js';
import { AUDIT } from './metrics/audit.js';
import { CONNECTIONS } from './metrics/connections.js';
import { HEALTH } from './metrics/health.js';
import { JOURNAL } from './metrics/journal.js';
import { SESSIONS } from './metrics/sessions.js';
import { TRAFFIC } from './metrics/traffic.js';

/** The broker's own metrics, by the headings of their reference. */
export const METRICS: Readonly<Record<string, readonly MetricDefinition[]>> = {
  Traffic: TRAFFIC,
  Connections: CONNECTIONS,
  'Sessions and queues': SESSIONS,
  'Journal and database': JOURNAL,
  'Audit trail': AUDIT,
  Health: HEALTH,
};

/** The broker's metrics. They are read from its plain counters when a scrape asks, and cost nothing else. */
export function brokerRegistry(sources: MetricSources): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const definition of Object.values(METRICS).flat())
    // What a registry asks of a metric is less than what the classes of prom-client have.
    registry.registerMetric(new ReadMetric(definition, sources) as unknown as Metric);
  return registry;
}

interface Value {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
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
    if (definition.type === 'histogram') return histogramValues(definition.name, definition.read(sources));
    const read = definition.read(sources);
    if (typeof read === 'number') return [{ value: read, labels: {} }];
    return Array.from(read, (sample) => labelled(definition.labels ?? [], sample));
  }
}

function labelled(names: readonly string[], sample: Sample): Value {
  const labels = Object.fromEntries(names.map((name, index) => [name, sample[index] as string]));
  return { value: sample.at(-1) as number, labels };
}

function histogramValues(name: string, { bounds, counts, sum }: FixedHistogram): Value[] {
  let below = 0;
  const buckets = counts.map((count, index): Value => {
    below += count;
    return { metricName: `${name}_bucket`, labels: { le: bounds[index] ?? '+Inf' }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: below },
  ];
}
