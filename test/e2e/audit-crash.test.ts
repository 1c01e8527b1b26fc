import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { openPool, type Sql } from '../../src/adapters/postgres/connect.js';
import { type BrokerProcess, endBrokerProcesses, startBrokerProcess } from '../support/broker-process.js';
import { connect, disconnect, publish, unsubscribe } from '../support/packets.js';
import { RawClient } from '../support/raw-client.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { readTables, replayTrail } from '../support/trail-replay.js';
import { readTrail } from '../support/written-trail.js';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = openPool(database.address, { max: 1 });
}, 60_000);
afterAll(async () => {
  await sql.end();
  await database.drop();
});
afterEach(endBrokerProcesses);

const ROUNDS = 6;
const CLIENTS = 8;
const pick = (count: number): number => Math.floor(Math.random() * count);

/** One thing that changes sessions, subscriptions, what is retained or what is owed; mostly nobody waits for its end. */
const STEPS: ((client: RawClient) => Promise<unknown>)[] = [
  (client) => client.subscribe([`f/${pick(5)}`, pick(3)], [`g/${pick(5)}/#`, pick(3)]),
  (client) => client.subscribe([`f/${pick(5)}`, pick(3)]),
  async (client) => client.send(unsubscribe(client.freshId(), `f/${pick(5)}`, `g/${pick(5)}/#`)),
  (client) => client.publish({ topic: `r/${pick(20)}`, payload: 'kept', qos: pick(3), retain: true }),
  async (client) => client.send(publish({ topic: `r/${pick(20)}`, payload: 'x', qos: 0, retain: true })),
  async (client) => client.send(publish({ topic: `r/${pick(20)}`, payload: '', qos: 0, retain: true })),
  (client) => client.subscribe([`m/${pick(3)}`, pick(3)], ['m/+', pick(3)]),
  (client) => client.publish({ topic: `m/${pick(3)}`, payload: 'm', qos: pick(3) }),
  async (client) => {
    for (let left = 50; left > 0; left -= 1) {
      const packetId = client.freshId();
      client.send(publish({ topic: `m/${pick(3)}`, payload: 'burst', qos: 1, packetId }));
    }
  },
  async (client) => {
    for (const packet of client.takeAll())
      if (packet.type === 'publish' && packet.qos > 0) await client.acknowledge(packet);
  },
];

/** Leaves a session behind that is owed messages from now on. */
async function leaveSession(port: number): Promise<void> {
  const client = await RawClient.open(port);
  client.send(connect({ clientId: 'away', cleanSession: false }));
  await client.take('connack');
  await client.subscribe(['m/#', 1]);
  client.destroy();
}

/** Comes and goes under few names, so that connections are taken over and sessions are thrown away. */
async function churn(port: number, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const client = await RawClient.open(port).catch(() => undefined);
    if (client === undefined) return;
    try {
      const will = { topic: `r/${pick(20)}`, payload: 'will', qos: pick(3), retain: true };
      const fields = {
        clientId: `c${pick(5)}`,
        cleanSession: pick(4) === 0,
        ...(pick(3) === 0 ? { will } : {}),
      };
      client.send(connect(fields));
      await client.take('connack');
      for (let left = pick(8); left > 0; left -= 1) await STEPS[pick(STEPS.length)]?.(client);
      if (pick(2) === 0) client.send(disconnect());
    } catch {
      // Taken over, or the broker is gone.
    }
    client.destroy();
  }
}

/** What a killed broker had under way is committed, or undone. */
async function transactionsAreOver(): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const others = await sql`
      select from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name like 'surety%'`;
    if (others.length === 0) return;
    if (Date.now() > deadline) throw new Error('the connections of a killed broker do not end');
  }
}

test('what the trail says is what the tables hold, whenever the broker is killed', async () => {
  const env = {
    SURETY_PERSISTENCE: 'postgres',
    SURETY_DATABASE_URL: database.url,
    SURETY_AUDIT_MESSAGES: '#',
    // So small that messages give way.
    SURETY_LIMITS_QUEUE_MESSAGES_MAX: '40',
  };
  let owed = 0;
  let changes = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const broker: BrokerProcess = await startBrokerProcess({ env });
    // A run that has committed nothing has left no trace.
    await leaveSession(broker.port);
    let isOver = false;
    const clients = Array.from({ length: CLIENTS }, () => churn(broker.port, () => isOver));
    await new Promise((resolve) => setTimeout(resolve, 100 + pick(900)));
    broker.signal('SIGKILL');
    await broker.exited;
    isOver = true;
    await Promise.all(clients);
    await transactionsAreOver();
    const held = await readTables(sql);
    expect(await replayTrail(sql)).toEqual(held);
    changes += held.sessions.length + held.subscriptions.length + held.retained.length;
    owed += held.owed.length;
  }
  expect(changes).toBeGreaterThan(ROUNDS * 5);
  expect(owed).toBeGreaterThan(0);
  const last = await startBrokerProcess({ env });
  expect(await last.stop()).toEqual({ code: 0, signal: null });
  expect(await replayTrail(sql)).toEqual(await readTables(sql));
  const kinds = (await readTrail(sql)).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'broker.started')).toHaveLength(ROUNDS + 1);
  expect(kinds.filter((kind) => kind === 'broker.recovered')).toHaveLength(ROUNDS);
  expect(kinds.at(-1)).toBe('broker.stopped');
}, 120_000);
