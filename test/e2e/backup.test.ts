import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPool, type Sql } from '../../src/adapters/postgres/connect.js';
import type { DatabaseAddress } from '../../src/adapters/postgres/database-address.js';
import {
  endBrokerProcesses,
  runSurety,
  startBrokerProcess,
  temporaryFolder,
} from '../support/broker-process.js';
import { connect, disconnect } from '../support/packets.js';
import { RawClient } from '../support/raw-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** A separator that is no end of a line, a tab, a backslash. */
const ODD_TOPIC = 'odd/\u2028/\\N\\./ü';

let source: TestDatabase;
let folder: string;
let dataDir: string;
let port: number;
const others: TestDatabase[] = [];

const emptyDatabase = async (): Promise<TestDatabase> => {
  const database = await createTestDatabase({ isEmpty: true });
  others.push(database);
  return database;
};
const on = (database: TestDatabase, dir: string): Record<string, string> => ({
  SURETY_PERSISTENCE: 'postgres',
  SURETY_DATABASE_URL: database.url,
  SURETY_DATA_DIR: dir,
});
const backup = (): string => join(folder, 'backup');
const pg = (address: DatabaseAddress): Sql => openPool(address, { max: 1 });

/** Session `reader` with two subscriptions is owed three messages; two topics are retained. */
async function fill(): Promise<void> {
  const reader = await RawClient.open(port);
  reader.send(connect({ clientId: 'reader', cleanSession: false }));
  await reader.take('connack');
  await reader.subscribe(['queue/#', 1], ['other', 2]);
  reader.send(disconnect());
  const sender = await RawClient.open(port);
  sender.send(connect({ clientId: 'sender' }));
  await sender.take('connack');
  await sender.publish({ topic: 'queue/1', payload: Buffer.from([0, 9, 10, 92, 255]), qos: 1 });
  await sender.publish({ topic: 'queue/2', payload: 'second', qos: 1 });
  await sender.publish({ topic: 'other', payload: 'third', qos: 2 });
  await sender.publish({ topic: ODD_TOPIC, payload: 'kept', qos: 1, retain: true });
  await sender.publish({ topic: 'plain', payload: 'kept as well', qos: 1, retain: true });
  sender.destroy();
}

/** What every table holds, by the name of the table. */
async function contentOf({ address }: TestDatabase): Promise<Record<string, string>> {
  const sql = pg(address);
  const tables = await sql<{ name: string }[]>`
    select format('surety.%I', relname) as name from pg_class
    where relnamespace = 'surety'::regnamespace and relkind in ('r', 'p') order by 1`;
  const content: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await sql.unsafe<{ text: string }[]>(
      `select coalesce(string_agg(t::text, e'\\n' order by t::text), '') as text from ${name} t`,
    );
    content[name] = row?.text ?? '';
  }
  await sql.end();
  return content;
}

beforeAll(async () => {
  source = await createTestDatabase({ isEmpty: true });
  folder = temporaryFolder();
  dataDir = join(folder, 'data');
  const broker = await startBrokerProcess({
    env: { ...on(source, dataDir), SURETY_AUDIT_CHECKPOINTS_EVERY_RECORDS: '1' },
  });
  port = broker.port;
  await fill();
  // The broker goes on while it is backed up.
  const made = await runSurety(['backup', '--out', backup()], { env: on(source, dataDir) });
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toMatch(/3 {2}delivery\n/);
  await broker.stop();
}, 60_000);

afterAll(async () => {
  await endBrokerProcesses();
  await Promise.all([source, ...others].map((database) => database.drop()));
});

describe('a backup that was restored into an empty database', () => {
  let restored: TestDatabase;
  let restoredDir: string;
  let outcome: { readonly code: number | null; readonly stdout: string; readonly stderr: string };

  beforeAll(async () => {
    restored = await emptyDatabase();
    restoredDir = join(folder, 'restored');
    outcome = await runSurety(['restore', backup()], { env: on(restored, restoredDir) });
  });

  test('has an audit trail that verifies with the checkpoints beside it', async () => {
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const command = /surety (audit verify .*)\n/.exec(outcome.stdout)?.[1]?.split(' ') ?? [];
    const verified = await runSurety(command, { env: on(restored, restoredDir) });
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    // What was told while the copy was made may have no checkpoint yet.
    expect(verified.stdout).toMatch(/they vouch for (every record|the records to \d+)/);
  });

  test('has the sessions, the queues in order and the retained messages', async () => {
    const broker = await startBrokerProcess({ env: on(restored, restoredDir) });
    const reader = await RawClient.open(broker.port);
    reader.send(connect({ clientId: 'reader', cleanSession: false }));
    expect(await reader.take('connack')).toMatchObject({ sessionPresent: true });
    const queued = [await reader.take('publish'), await reader.take('publish'), await reader.take('publish')];
    expect(queued.map(({ topic }) => topic)).toEqual(['queue/1', 'queue/2', 'other']);
    const fresh = await RawClient.open(broker.port);
    fresh.send(connect({ clientId: 'fresh' }));
    await fresh.take('connack');
    await fresh.subscribe([ODD_TOPIC, 0]);
    expect(await fresh.take('publish')).toMatchObject({ topic: ODD_TOPIC, payload: 'kept' });
    reader.destroy();
    fresh.destroy();
    expect(await broker.stop()).toMatchObject({ code: 0 });
  });

  test('is not written over by another restore, nor by one beside a running broker', async () => {
    const again = await runSurety(['restore', backup()], { env: on(restored, restoredDir) });
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toContain('holds the data of a broker already');
  });
});

test('psql reads a backup, and every table is then as surety restore makes it', async () => {
  const [byPsql, byUs] = [await emptyDatabase(), await emptyDatabase()];
  const script = join(folder, 'database.sql');
  writeFileSync(script, gunzipSync(readFileSync(join(backup(), 'database.sql.gz'))));
  const options = ['--no-psqlrc', '--quiet', '--single-transaction', '--set=ON_ERROR_STOP=1'];
  execFileSync('psql', [...options, `--file=${script}`, byPsql.url], { stdio: ['ignore', 'ignore', 'pipe'] });
  const restored = await runSurety(['restore', backup()], { env: on(byUs, join(folder, 'x')) });
  expect(restored.code).toBe(0);
  const content = await contentOf(byUs);
  expect(content).toEqual(await contentOf(byPsql));
  expect(content['surety.session']).toContain('reader');
});

test('a damaged backup, a cut one and one that is no backup are refused, and leave nothing behind', async () => {
  const empty = await emptyDatabase();
  const env = on(empty, join(folder, 'empty'));
  const text = gunzipSync(readFileSync(join(backup(), 'database.sql.gz'))).toString();
  const cut = join(folder, 'cut.sql');
  writeFileSync(cut, text.slice(0, text.indexOf('COPY surety.audit_event') + 500));
  const strange = join(folder, 'strange.sql');
  writeFileSync(strange, 'create table public.strange (id int);\n');
  const damaged = join(folder, 'damaged');
  execFileSync('cp', ['-r', backup(), damaged]);
  writeFileSync(join(damaged, 'checkpoints.jsonl'), 'x', { flag: 'a' });
  for (const [path, complaint] of [
    [cut, 'the backup is cut off'],
    [strange, 'this is no backup of a broker'],
    [damaged, 'checkpoints.jsonl is not as it was written'],
    [join(folder, 'missing'), 'is not there'],
  ] as const) {
    const { code, stderr } = await runSurety(['restore', path], { env });
    expect([code, stderr]).toEqual([1, expect.stringContaining(complaint)]);
  }
  const sql = pg(empty.address);
  const [left] =
    await sql`select count(*)::int as tables from pg_tables where schemaname in ('public', 'surety')`;
  await sql.end();
  expect(left).toEqual({ tables: 0 });
});

test('a backup never replaces another', async () => {
  const { code, stderr } = await runSurety(['backup', '--out', backup()], { env: on(source, dataDir) });
  expect([code, stderr]).toEqual([1, expect.stringContaining('is there already')]);
});
