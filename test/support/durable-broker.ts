import { connect, disconnect, puback, type ConnectFields } from './packets.js';
import { PostgresProxy } from './postgres-proxy.js';
import { RawClient } from './raw-client.js';
import type { ReceivedPublish } from './server-packets.js';
import { startBroker, type StartOptions, type TestBroker } from './start-broker.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';
import { openPool, type Sql } from '../../src/adapters/postgres/connect.js';

/** A client that has been let in. */
export interface Arrival {
  readonly client: RawClient;
  readonly sessionPresent: boolean;
}

/** One broker after the other on a database of their own, reached by a network that a test can cut. */
export class DurableBroker {
  private readonly ended: TestBroker[] = [];
  private readonly clients = new Set<RawClient>();

  private constructor(
    private readonly database: TestDatabase,
    private proxy: PostgresProxy,
    private broker: TestBroker,
    private options: StartOptions,
    readonly sql: Sql,
  ) {}

  static async start(options: StartOptions = {}): Promise<DurableBroker> {
    const database = await createTestDatabase();
    const proxy = await PostgresProxy.start(database);
    const broker = await startOn(proxy, options);
    return new DurableBroker(database, proxy, broker, options, openPool(database.address, { max: 1 }));
  }

  /** Ends the broker in order and starts the next, with other options if given. */
  async restart(options = this.options): Promise<void> {
    await this.broker.stop();
    await this.startNext(options);
  }

  /**
   * Cuts the broker off from its database for good, before anything else, and starts the next: for
   * whoever looks from outside, it has crashed. What it does from then on can't become durable.
   */
  async crash(options = this.options): Promise<void> {
    await this.proxy.close();
    for (const client of this.clients) client.destroy();
    this.clients.clear();
    this.ended.push(this.broker);
    this.proxy = await PostgresProxy.start(this.database);
    await this.startNext(options);
  }

  /** The database goes away, and comes back with `restoreDatabase`. */
  interruptDatabase(): void {
    this.proxy.interrupt();
  }

  restoreDatabase(): void {
    this.proxy.restore();
  }

  /** Connects and waits for CONNACK; a session is to be kept unless the fields say otherwise. */
  async connect(fields: ConnectFields): Promise<Arrival> {
    const client = await this.open();
    client.send(connect({ cleanSession: false, ...fields }));
    const { returnCode, sessionPresent } = await client.take('connack');
    if (returnCode !== 0) throw new Error(`CONNECT refused with code ${returnCode}`);
    return { client, sessionPresent };
  }

  /** Connects a client that only publishes. */
  async connectPublisher(): Promise<RawClient> {
    return (await this.connect({ clientId: '', cleanSession: true })).client;
  }

  /** Opens a connection and sends nothing. */
  async open(): Promise<RawClient> {
    const client = await RawClient.open(this.broker.port);
    this.clients.add(client);
    return client;
  }

  /** Has a client subscribe and go away in order, so that its session waits for messages. */
  async leaveSubscription(clientId: string, filter: string, qos = 2): Promise<void> {
    const { client } = await this.connect({ clientId });
    await client.subscribe([filter, qos]);
    client.send(disconnect());
    await client.whenClosed();
  }

  async count(table: string): Promise<number> {
    const [row] = await this.sql<{ count: number }[]>`
      select count(*)::int as count from ${this.sql(`surety.${table}`)}`;
    return row?.count ?? -1;
  }

  async end(): Promise<void> {
    for (const client of this.clients) client.destroy();
    await this.proxy.close();
    await Promise.all([...this.ended, this.broker].map((broker) => broker.stop()));
    await this.sql.end();
    await this.database.drop();
  }

  private async startNext(options: StartOptions): Promise<void> {
    this.options = options;
    this.broker = await startOn(this.proxy, options);
  }
}

/** Takes so many messages at QoS 1 and 2 and does the receiver's part for each. */
export async function takeAndAcknowledge(client: RawClient, count: number): Promise<ReceivedPublish[]> {
  const taken: ReceivedPublish[] = [];
  while (taken.length < count) {
    const message = await client.take('publish');
    taken.push(message);
    if (message.qos === 1) client.send(puback(message.packetId));
    else await client.acknowledge(message);
  }
  return taken;
}

function startOn(proxy: PostgresProxy, options: StartOptions): Promise<TestBroker> {
  const persistence = 'postgres' as const;
  const config = { ...options.config, persistence, database: { url: proxy.url } };
  return startBroker({ ...options, config });
}
