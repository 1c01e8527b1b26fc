import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPool, type Sql } from '../../src/adapters/postgres/connect.js';
import {
  endBrokerProcesses,
  runSurety,
  startBrokerProcess,
  type SuretyProcessOptions,
  temporaryFolder,
} from '../support/broker-process.js';
import { freePort } from '../support/free-port.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { waitUntil } from '../support/wait-until.js';
import { type DashboardQuery, dashboardQueries } from './dashboard-queries.js';
import { type GrafanaValues, promQl, sqlText } from './grafana-text.js';
import { ACL, Load, PASSWORD, USER } from './load.js';
import { PrometheusProcess, type Series } from './prometheus-process.js';

/** What all queries together may take to have an answer; those that have none by then fail. */
const ANSWERS_MS_MAX = 30_000;
const SHOWN_MS = 60_000;
/** How Grafana draws a panel of that time: a point each five seconds. */
const STEP = '5s';

let database: TestDatabase;
let sql: Sql;
let prometheus: PrometheusProcess;
let load: Load;
const queries = dashboardQueries();

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openPool(database.address, { max: 1 });
  const metricsPort = await freePort();
  const { port } = await startBrokerProcess({ ...(await settings(metricsPort)), readyMsMax: 30_000 });
  load = await Load.start(port);
  prometheus = await PrometheusProcess.start(temporaryFolder(), `127.0.0.1:${metricsPort}`);
  await answers();
}, 120_000);

afterAll(async () => {
  await load?.stop();
  await prometheus?.stop();
  await endBrokerProcesses();
  await sql?.end({ timeout: 0 });
  await database?.drop();
}, 60_000);

describe('a broker under load has an answer to', () => {
  test.each(queries.map((query) => [query.name, query] as const))('%s', async (_, query) => {
    expect(await rowsOf(query)).not.toEqual([]);
  });
});

test('every rule is evaluated without an error, and has something to look at', async () => {
  const rules = await prometheus.rules();
  const faults = rules.filter(({ health }) => health !== 'ok');
  expect(faults).toEqual([]);
  const silent = [];
  for (const { name, query, type } of rules)
    if (numbers(await prometheus.now(type === 'recording' ? name : asQuestion(query))).length === 0)
      silent.push(name);
  expect(rules.length).toBeGreaterThan(0);
  expect(silent).toEqual([]);
});

test('no alert fires while the broker is well', async () => {
  expect(await prometheus.now('ALERTS{alertstate="firing"}')).toEqual([]);
});

/** A broker whose users, rules and canary give every metric something to tell. */
async function settings(metricsPort: number): Promise<SuretyProcessOptions> {
  const folder = temporaryFolder();
  const [passwords, acl] = [join(folder, 'passwords'), join(folder, 'acl')];
  const made = await runSurety(['passwd', '-c', '-b', passwords, USER, PASSWORD]);
  expect(made).toMatchObject({ code: 0 });
  writeFileSync(acl, ACL);
  const config = join(folder, 'surety.yaml');
  // Guesses are answered by bans also at this machine's own address.
  const failures = '  failures: { trustedAddresses: [] }';
  const providers = `  providers:\n    - { type: passwordFile, file: ${passwords} }`;
  writeFileSync(config, `authentication:\n${failures}\n${providers}\n`);
  const env = {
    SURETY_PERSISTENCE: 'postgres',
    SURETY_DATABASE_URL: database.url,
    SURETY_ACCESS_ACL_FILE: acl,
    SURETY_METRICS_ENABLED: 'true',
    SURETY_METRICS_PORT: String(metricsPort),
    // A round may take as long; on a busy machine that is more than a second.
    SURETY_HEALTH_CANARY_EVERY_SECONDS: '5',
  };
  return { env, args: ['--config', config] };
}

/** Waits until every query has an answer; for those that never have one, until it is time to say so. */
async function answers(): Promise<void> {
  const open = new Set(queries);
  const all = async (): Promise<boolean> => {
    // What fails won't mend itself: its test says so.
    const isAnswered = (query: DashboardQuery): Promise<boolean> =>
      rowsOf(query).then(
        (rows) => rows.length > 0,
        () => true,
      );
    for (const query of open) if (await isAnswered(query)) open.delete(query);
    const rules = await prometheus.rules();
    return open.size === 0 && rules.every(({ health }) => health === 'ok');
  };
  await waitUntil(all, 'an answer to each query', ANSWERS_MS_MAX).catch(() => undefined);
}

function rowsOf(query: DashboardQuery): Promise<readonly unknown[]> {
  const toMs = Date.now();
  const values: GrafanaValues = {
    ...{ fromMs: toMs - SHOWN_MS, toMs },
    ...{ interval: query.interval ?? STEP, rateInterval: query.interval ?? '10s' },
    variables: { instance: '.+', client: '' },
  };
  return query.source === 'postgres' ? rowsOfSql(query, values) : samples(query, values);
}

async function samples(
  { text, isInstant }: DashboardQuery,
  values: GrafanaValues,
): Promise<readonly number[]> {
  const question = promQl(text, values);
  const { fromMs, toMs } = values;
  return numbers(
    isInstant ? await prometheus.now(question) : await prometheus.over(question, fromMs, toMs, STEP),
  );
}

/** Nothing but a number is an answer: a quantile of nothing isn't one. */
function numbers(series: readonly Series[]): number[] {
  const values = series.flatMap(({ value, values = [] }) => (value === undefined ? values : [value]));
  return values.map(([, text]) => Number(text)).filter((value) => Number.isFinite(value));
}

/** As the role that Grafana's login is a member of, which may read and nothing else. */
async function rowsOfSql({ text }: DashboardQuery, values: GrafanaValues): Promise<readonly unknown[]> {
  return sql.begin('read only', async (transaction) => {
    await transaction`set local role surety_reader`;
    return [...(await transaction.unsafe(sqlText(text, values)))];
  });
}

/** An alert's expression as one that has a value whether the alert fires or not. @throws Error when it has another form. */
function asQuestion(expression: string): string {
  const question = expression.replace(/ (==|>|<) ([\d.]+)$/, ' $1 bool $2');
  if (question === expression) throw new Error(`an alert without a comparison at its end: ${expression}`);
  return question;
}
