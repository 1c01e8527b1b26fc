import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  KeyFileVerifier,
  generateKeyFiles,
  KeyFileSigner,
} from '../../src/adapters/crypto/checkpoint-keys.js';
import { CheckpointFile } from '../../src/adapters/audit-files/checkpoint-file.js';
import { NodeDigest } from '../../src/adapters/crypto/node-digest.js';
import { PostgresAuditReader } from '../../src/adapters/postgres/audit-reader.js';
import { openPool, type Sql } from '../../src/adapters/postgres/connect.js';
import type { DatabaseAddress } from '../../src/adapters/postgres/database-address.js';
import { VerifyTrail } from '../../src/application/audit/verify-trail.js';
import { checkpointText } from '../../src/domain/audit/checkpoint.js';
import type { StoredRecord } from '../../src/domain/audit/stored-record.js';
import type { TrailReport } from '../../src/domain/audit/trail-report.js';
import { fillTrail } from './fill-trail.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** A database with a trail in it, its checkpoints beside it, and a superuser to attack it. */
export class AuditedDatabase {
  readonly checkpoints: CheckpointFile;
  readonly publicFile: string;
  readonly privateFile: string;

  private constructor(
    private readonly database: TestDatabase,
    /** A superuser's. */
    readonly sql: Sql,
    readonly directory: string,
    private readonly signer: KeyFileSigner,
  ) {
    this.checkpoints = new CheckpointFile(join(directory, 'checkpoints.jsonl'));
    this.privateFile = join(directory, 'key.pem');
    this.publicFile = join(directory, 'key.pub.pem');
  }

  static async create(): Promise<AuditedDatabase> {
    const database = await createTestDatabase();
    const directory = mkdtempSync(join(tmpdir(), 'audited-'));
    const { privateFile } = generateKeyFiles(join(directory, 'key.pem'));
    const sql = openPool(database.address, { max: 2 });
    return new AuditedDatabase(database, sql, directory, KeyFileSigner.open(privateFile));
  }

  get address(): DatabaseAddress {
    return this.database.address;
  }

  get url(): string {
    return this.database.url;
  }

  /** Begins anew with this trail, and a checkpoint over every n-th record. */
  async hold(records: readonly StoredRecord[], checkpointEvery: number): Promise<void> {
    const partitions = await this.sql<{ name: string }[]>`
      select inhrelid::regclass::text as name from pg_inherits where inhparent = 'surety.audit_event'::regclass`;
    for (const { name } of partitions) await this.sql.unsafe(`drop table ${name}`);
    await fillTrail(this.sql, records);
    writeFileSync(this.checkpoints.description, '');
    for (let i = checkpointEvery - 1; i < records.length; i += checkpointEvery) await this.sign(records[i]);
  }

  /** Adds a checkpoint over the record. */
  async sign(record: StoredRecord | undefined): Promise<void> {
    if (record === undefined) throw new RangeError('there is no record to sign');
    const { node, sequence, hash, atMs } = record;
    const checkpoint = { node, sequence, hash: Buffer.from(hash).toString('hex'), atMs };
    const signature = this.signer.sign(checkpointText(checkpoint));
    await this.checkpoints.append({ ...checkpoint, key: this.signer.key, signature });
  }

  /** Takes the triggers out of the way, as whoever owns the table can. */
  async disarm(): Promise<void> {
    const partitions = await this.sql<{ name: string }[]>`
      select inhrelid::regclass::text as name from pg_inherits where inhparent = 'surety.audit_event'::regclass`;
    for (const { name } of [...partitions, { name: 'surety.audit_event' }]) {
      await this.sql.unsafe(`alter table ${name} disable trigger all`);
    }
  }

  async verify(): Promise<TrailReport> {
    const { checkpoints } = this;
    const keys = new KeyFileVerifier([this.publicFile]);
    const sql = openPool(this.database.address, { max: 1 });
    try {
      const reader = new PostgresAuditReader(sql);
      return await new VerifyTrail({ reader, checkpoints, keys, digest: new NodeDigest() }).verify();
    } finally {
      await sql.end({ timeout: 0 });
    }
  }

  async drop(): Promise<void> {
    rmSync(this.directory, { recursive: true });
    await this.sql.end();
    await this.database.drop();
  }
}
