import { fileURLToPath } from 'node:url';

import { VerificationProcess } from './adapters/audit-check/verification-process.js';
import type { Config } from './adapters/config/config.js';
import { openAuditDatabase } from './adapters/postgres/audit-database.js';
import { PostgresAuditReader } from './adapters/postgres/audit-reader.js';
import { SearchTrail } from './application/audit/search-trail.js';
import type { ArchiveQuery, AuditArchive, Verification } from './application/ports/audit-archive.js';
import type { Clock } from './application/ports/clock.js';
import type { Logger } from './application/ports/logger.js';
import type { StoredRecord } from './domain/audit/stored-record.js';

const PROGRAM = fileURLToPath(new URL('../bin/surety.js', import.meta.url));
/** Each takes a connection to the database. */
const SEARCHES_MAX = 4;

/** The trail of the broker of this process, read beside it. */
export class BrokerArchive implements AuditArchive {
  private readonly process: VerificationProcess;
  private searches = 0;

  /** @param configFile What the broker was started with. */
  constructor(
    private readonly config: Pick<Config, 'database' | 'dataDir' | 'persistence'>,
    private readonly logger: Logger,
    clock: Clock,
    configFile: string | undefined,
  ) {
    const named = configFile === undefined ? [] : ['--config', configFile];
    const verify = [PROGRAM, 'audit', 'verify', '--json', ...named];
    this.process = new VerificationProcess([process.execPath, ...verify], clock);
  }

  get verification(): Verification | undefined {
    return this.process.latest;
  }

  verify(): Verification {
    return this.process.start();
  }

  async search({ limit, ...query }: ArchiveQuery): Promise<readonly StoredRecord[]> {
    const { database: address, dataDir, persistence } = this.config;
    if (persistence === 'memory') throw new Error('persistence is off: there is no audit trail');
    if (this.searches >= SEARCHES_MAX)
      throw new Error(`${SEARCHES_MAX} searches are under way: try again later`);
    this.searches++;
    try {
      const database = await openAuditDatabase({ url: address.url, dataDir, logger: this.logger });
      try {
        const found: StoredRecord[] = [];
        const trail = new SearchTrail(new PostgresAuditReader(database.sql));
        for await (const page of trail.search({ ...query, limit })) found.push(...page);
        return found;
      } finally {
        await database.close();
      }
    } finally {
      this.searches--;
    }
  }

  stop(): void {
    this.process.stop();
  }
}
