import { METRICS } from './broker-registry.js';
import type { MetricDefinition } from './metric-definition.js';

/** The text of docs/metrics.md, generated so that it can't differ from what the broker serves. */
export function metricsReference(): string {
  const sections = Object.entries(METRICS).map(
    ([title, metrics]) =>
      `## ${title}\n\n| Metric | Type | Labels | Meaning |\n|---|---|---|---|\n${rows(metrics)}\n`,
  );
  return `${INTRODUCTION}\n${sections.join('\n')}\n${BEHIND}`;
}

function rows(metrics: readonly MetricDefinition[]): string {
  return metrics.map(row).join('\n');
}

function row(metric: MetricDefinition): string {
  const { name, type, help, labels = [] } = metric;
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
}

const INTRODUCTION = `<!-- Generated from src/adapters/prometheus by \`npm run docs:metrics\`; edit the definitions, not this file. -->

# Metrics

With \`metrics.enabled: true\` the broker serves three pages over HTTP, on \`127.0.0.1:9400\` unless \`metrics.host\` and
\`metrics.port\` say otherwise. It asks for no password: let nobody but Prometheus get at the port.

| Page | Answer |
|---|---|
| \`/metrics\` | the metrics below, in the text format of Prometheus |
| \`/livez\` | 200 as long as the process handles events; restart it when there is no answer |
| \`/readyz\` | 200 when clients should be sent here, else 503 with the reason: starting, stopping, or the database is away |

[monitoring.md](monitoring.md) has the dashboards and alerts that go with them, and how to set both up;
[runbooks.md](runbooks.md) says what to do about each alert.

No label holds a client id, a user name or a topic, so that the number of series doesn't grow with the number of clients. For single
sessions and queues ask the database: [sql-views.md](sql-views.md). Every value that a label can have is there from the start, at 0, so that
a rate never misses the first event. Counters begin at 0 with each start of the broker, unless it says otherwise.
`;

const BEHIND = `## The process

Beside these there are the customary metrics of Node.js programs: \`process_cpu_seconds_total\`, \`process_resident_memory_bytes\`,
\`process_open_fds\`, \`process_start_time_seconds\`, \`nodejs_heap_size_used_bytes\`, \`nodejs_gc_duration_seconds\`, and
\`nodejs_eventloop_lag_p99_seconds\`: how late the event loop was for what was due, since the scrape before. All of the broker runs in this
one loop, so that its lag is a bound for how late messages are. Those of active handles, resources and requests are left out: they take a
walk over all connections.

## The canary

The broker has a client of its own, which connects by a socket every 30 s (\`health.canary.everySeconds\`), subscribes, publishes a message at
QoS 1, waits for it, and disconnects. It takes a way in of its own: a Unix socket in a folder that only the broker's user can enter, which is there
for the moment of connecting, and a password that is made up at each start and stands nowhere. So it needs no rule, no
user, no certificate and no port, and it tells nothing of whether a listener can be reached from elsewhere: for that, probe the listener from where
the clients are. Its topic lies below \`$SURETY/canary/\`, and it may use no other. What it does counts in the metrics above
(a connection, two packets each way and so on for each round), isn't told to the audit trail, and is logged when it begins
to fail and when that ends. If somebody else came by its way and was refused, the audit trail would say so.

## $SYS

Tools that know Mosquitto find the customary figures on topics below \`$SYS/broker/\`, brought up to date every 10 s
(\`sysTopics.intervalSeconds\`; 0 switches them off): \`version\`, \`uptime\`, \`clients/*\`, \`messages/*\`, \`bytes/*\`, \`publish/*\`,
\`store/messages/*\`, \`retained messages/count\`, \`subscriptions/count\`, \`heap/*\`, and moving averages by the minute over 1, 5 and 15 minutes
in \`load/*\`. Who subscribes gets the present values at once, and then those that change. They come at QoS 0, are never stored, and only filters
that begin with \`$SYS\` match them.
`;
