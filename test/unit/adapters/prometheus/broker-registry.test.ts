import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { brokerRegistry, METRICS } from '../../../../src/adapters/prometheus/broker-registry.js';
import type { MetricSources } from '../../../../src/adapters/prometheus/metric-definition.js';
import { metricsReference } from '../../../../src/adapters/prometheus/metrics-reference.js';
import { VOLATILE_STORAGE } from '../../../../src/adapters/memory/volatile-storage.js';
import { Canary } from '../../../../src/application/canary/canary.js';
import { ProviderFigures } from '../../../../src/application/authentication/provider-figures.js';
import { noFigures } from '../../../../src/application/ports/storage.js';
import { FixedHistogram, WAIT_SECONDS } from '../../../../src/domain/fixed-histogram.js';
import { Will } from '../../../../src/domain/will/will.js';
import { connected } from '../../../support/connect-request.js';
import { makeBroker } from '../../../support/make-broker.js';
import { makeMessage } from '../../../support/make-message.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { silentLogger } from '../../../support/silent-logger.js';

const definitions = Object.values(METRICS).flat();

/** What a scrape says of a broker that nobody has come to, but for what the test changes. */
const scrape = async (over: Partial<MetricSources> = {}): Promise<string> => {
  const { broker, limits } = makeBroker();
  const sources = {
    ...{
      version: '1.2.3',
      broker,
      limits,
      storage: VOLATILE_STORAGE,
      providers: new Map(),
      bans: { size: 2 },
    },
    ...{
      memory: { last: { usedBytes: 3, limitBytes: 4, pressure: 0 } },
      audit: undefined,
      canary: undefined,
    },
    unreadiness: () => undefined,
  };
  return brokerRegistry({ ...sources, ...over }).metrics();
};

describe('definitions of metrics', () => {
  test('are named as Prometheus asks for: counters end in _total, and nothing else does', () => {
    const names = definitions.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^surety_[a-z_]+$/.test(name))).toEqual([]);
    expect(
      definitions
        .filter(({ name, type }) => name.endsWith('_total') !== (type === 'counter'))
        .map(({ name }) => name),
    ).toEqual([]);
  });

  test('have no label that could hold what a client chooses', () => {
    const labels = new Set(definitions.flatMap((metric) => metric.labels ?? []));
    expect([...labels].sort()).toEqual([
      ...[
        'action',
        'code',
        'node_version',
        'provider',
        'qos',
        'reason',
        'result',
        'state',
        'step',
        'version',
      ],
    ]);
  });

  test('are what docs/metrics.md says: else run `npm run docs:metrics`', () => {
    const text = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
    expect(text).toBe(metricsReference());
  });
});

describe('a scrape', () => {
  test('has every metric, each with its type and help', async () => {
    const text = await scrape();
    for (const { name, type, help } of definitions) {
      expect(text).toContain(`# TYPE ${name} ${type}\n`);
      expect(text).toContain(`# HELP ${name} ${help}\n`);
    }
    expect(text).toContain('process_cpu_seconds_total');
  });

  test('has no metric that walks over all connections', async () => {
    const text = await scrape();
    expect(text).not.toContain('nodejs_active_');
    expect(text).toMatch(/process_open_fds [1-9]\d*\n/);
  });

  test('reads values when it is asked for', async () => {
    const { broker } = makeBroker();
    broker.counters.received[1] = 7;
    broker.counters.slowed.memory = 3;
    const text = await scrape({ broker });
    expect(text).toContain('surety_messages_received_total{qos="1"} 7\n');
    expect(text).toContain('surety_reading_slowed_total{reason="memory"} 3\n');
    expect(text).toContain('surety_bans 2\n');
    expect(text).toContain('surety_memory_limit_bytes 4\n');
  });

  test('has every value of every label before anything has happened, for a rate to see the first event', async () => {
    const roundTrip = { run: () => Promise.resolve({ seconds: 0 }) };
    const canary = new Canary({
      ...{
        roundTrip,
        clock: new ManualClock(),
        logger: silentLogger,
        settings: { enabled: true, everySeconds: 1 },
      },
    });
    const providers = new Map([['ldap', new ProviderFigures()]]);
    const lines = (await scrape({ providers, canary })).split('\n');
    const silent = definitions.filter(
      ({ name }) => !lines.some((line) => line.startsWith(`${name}{`) || line.startsWith(`${name}_count`)),
    );
    expect(silent.filter(({ labels }) => labels !== undefined)).toEqual([]);
    expect(lines).toEqual(
      expect.arrayContaining([
        'surety_authentications_total{provider="ldap",result="bad_credentials"} 0',
        'surety_authentications_total{provider="none",result="not_authorized"} 0',
        'surety_authorizations_total{action="publish",provider="none",result="denied"} 0',
        'surety_subscriptions_refused_total{reason="too_many_subscriptions"} 0',
      ]),
    );
  });

  test('tells of logins by who decided on them', async () => {
    const { broker } = makeBroker();
    await connected(broker);
    const text = await scrape({ broker });
    expect(text).toMatch(/surety_authentications_total\{provider="(anonymous|none)",result="accepted"\} 1\n/);
  });

  test('counts wills that are published', async () => {
    const { broker } = makeBroker();
    const { client } = await connected(broker, { will: new Will(makeMessage('gone')) });
    broker.endConnection(client, { end: 'lost', reason: 'peer_closed' });
    expect(await scrape({ broker })).toContain('surety_wills_published_total 1\n');
  });

  test('tells of what clients may do by action, by whose rule it was, and by result', async () => {
    const { broker } = makeBroker();
    const { client } = await connected(broker);
    broker.publish(client, makeMessage('a'), 0);
    const labels = 'action="publish",provider="none",result="allowed"';
    expect(await scrape({ broker })).toContain(`surety_authorizations_total{${labels}} 1\n`);
  });

  test('tells what each authentication provider has decided, and how fast', async () => {
    const figures = new ProviderFigures();
    figures.refused = 2;
    figures.seconds.observe(0.02);
    figures.seconds.observe(60);
    const text = await scrape({ providers: new Map([['ldap', figures]]) });
    expect(text).toContain('surety_authentication_decisions_total{provider="ldap",result="refused"} 2\n');
    const name = 'surety_authentication_decision_seconds';
    expect(text).toContain(`${name}_bucket{provider="ldap",le="0.01"} 0\n`);
    expect(text).toContain(`${name}_bucket{provider="ldap",le="0.05"} 1\n`);
    expect(text).toContain(`${name}_bucket{provider="ldap",le="+Inf"} 2\n`);
    expect(text).toContain(`${name}_count{provider="ldap"} 2\n`);
  });

  test('has the figures of the journal', async () => {
    const commitSeconds = new FixedHistogram(WAIT_SECONDS);
    commitSeconds.observe(0.003);
    const figures = { ...noFigures(), commits: 5, failures: 1, pendingBytes: 9, commitSeconds };
    const text = await scrape({ storage: { ...VOLATILE_STORAGE, figures: () => figures } });
    expect(text).toContain('surety_journal_commits_total 5\n');
    expect(text).toContain('surety_journal_failures_total 1\n');
    expect(text).toContain('surety_journal_pending_bytes 9\n');
    expect(text).toContain('surety_database_commit_seconds_bucket{le="0.005"} 1\n');
    expect(text).toContain('surety_database_commit_seconds_bucket{le="0.0025"} 0\n');
  });
});
