import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPool, type Sql } from '../../../src/adapters/postgres/connect.js';
import { migrate } from '../../../src/adapters/postgres/migrate.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { connect } from '../../support/packets.js';
import { RawClient } from '../../support/raw-client.js';
import { startBroker } from '../../support/start-broker.js';

const migrations = fileURLToPath(new URL('../../../migrations', import.meta.url));
let database: TestDatabase;
let sql: Sql;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase({ isEmpty: true });
  sql = openPool(database.address, { max: 1 });
  folder = mkdtempSync(join(tmpdir(), 'upgrade-'));
}, 60_000);

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await sql.end();
  await database.drop();
});

/** Leaves a session with a subscription, a queued message and a held packet id, and a retained message, as they were in version 2. */
async function fillVersion2(): Promise<void> {
  for (const name of readdirSync(migrations).filter((file) => file < '0003'))
    copyFileSync(join(migrations, name), join(folder, name));
  await migrate(sql, folder);
  await sql`insert into surety.session (key, client_id, created_at, disconnected_at) values (1, 'old', now(), now())`;
  await sql`insert into surety.subscription (session_key, filter_digest, filter, qos, replaying)
    values (1, sha256('t/#'), 't/#', 1, false)`;
  await sql`insert into surety.delivery (session_key, sequence, stored_at, bytes, qos, retain, released, topic, payload)
    values (1, 1, now(), 9, 1, false, false, 't/1', 'waited')`;
  await sql`insert into surety.received_id (session_key, packet_id) values (1, 300)`;
  await sql`insert into surety.retained (topic_digest, topic, payload, qos, published_at)
    values (sha256('kept'), 'kept', 'retained', 1, now())`;
}

test('a broker that starts on the data of an older version brings it up to date and goes on with it', async () => {
  await fillVersion2();
  const broker = await startBroker({
    config: { persistence: 'postgres', database: { url: database.url }, dataDir: join(folder, 'data') },
  });
  const client = await RawClient.open(broker.port);
  client.send(connect({ clientId: 'old', cleanSession: false }));
  expect(await client.take('connack')).toMatchObject({ sessionPresent: true });
  expect(await client.take('publish')).toMatchObject({ topic: 't/1', payload: 'waited' });
  await client.subscribe(['kept', 0]);
  expect(await client.take('publish')).toMatchObject({ topic: 'kept', payload: 'retained' });
  client.destroy();
  await broker.stop();
  const [held] = await sql<{ bit: number }[]>`
    select get_bit(held, 300 % 256) as bit from surety.received_ids where session_key = 1 and block = 1`;
  expect(held?.bit).toBe(1);
  const [newest] = await sql<{ version: number }[]>`select max(version) as version from surety_migration`;
  expect(newest?.version).toBe(readdirSync(migrations).filter((name) => name.endsWith('.sql')).length);
});
