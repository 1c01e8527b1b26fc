import { existsSync } from 'node:fs';
import { hostname } from 'node:os';

import { CheckpointFile } from './adapters/audit-files/checkpoint-file.js';
import type { Config } from './adapters/config/config.js';
import { KeyFileSigner } from './adapters/crypto/checkpoint-keys.js';
import type { PostgresStorage } from './adapters/postgres/postgres-storage.js';
import { SyslogSink } from './adapters/syslog/syslog-sink.js';
import { ApplyRetention } from './application/audit/apply-retention.js';
import { WatchClock } from './application/audit/watch-clock.js';
import { WriteCheckpoints } from './application/audit/write-checkpoints.js';
import type { CheckpointSink } from './application/ports/checkpoint-sink.js';
import type { Clock } from './application/ports/clock.js';
import type { Logger } from './application/ports/logger.js';
import { auditFilesOf } from './audit-files.js';

/** The name of a broker in its trail. */
export function nodeName({ node }: Config): string {
  return node.name ?? hostname();
}

/** What keeps the audit trail beside writing it: signed checkpoints outside the database, and the end of old months. */
export class AuditKeeping {
  readonly checkpoints: WriteCheckpoints;
  readonly retention: ApplyRetention;
  readonly clockWatch: WatchClock;
  private readonly file: CheckpointFile;
  private readonly logger: Logger;
  /** Undefined where no syslog server is configured. */
  private syslog: SyslogSink | undefined;
  /** Of servers that there were before. */
  private droppedBefore = 0;

  /** @throws Error that says what to do, when the key that signs checkpoints can't be had. */
  constructor(
    config: Config,
    { trail, auditPartitions: partitions }: Pick<PostgresStorage, 'trail' | 'auditPartitions'>,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ) {
    const { enabled, checkpoints: pace, syslog } = config.audit;
    // Where nothing can be recorded, nothing is dropped: a record has to say so.
    const age = enabled ? config.audit : { retentionDays: 0 };
    const { checkpointFile, keyFile } = auditFilesOf(config);
    this.file = new CheckpointFile(checkpointFile);
    this.logger = logger;
    this.syslog = this.sinkAt(syslog);
    const checkpoints = new WriteCheckpoints({
      ...{ trail, signer: openSigner(config, keyFile, logger), sinks: this.sinks },
      ...{ clock, logger, node: nodeName(config), pace },
    });
    this.checkpoints = checkpoints;
    this.retention = new ApplyRetention({ trail, partitions, checkpoints, clock, logger, age });
    this.clockWatch = new WatchClock({ trail, clock, machineMs: () => Date.now(), logger });
  }

  /** Checkpoints that were given up because a syslog server was away. */
  get syslogDropped(): number {
    return this.droppedBefore + (this.syslog?.dropped ?? 0);
  }

  /** Sends checkpoints to another syslog server from now on, or to none. */
  moveSyslog(settings: Config['audit']['syslog']): void {
    this.droppedBefore = this.syslogDropped;
    this.syslog = this.sinkAt(settings);
    this.checkpoints.setSinks(this.sinks);
  }

  private get sinks(): readonly CheckpointSink[] {
    return this.syslog === undefined ? [this.file] : [this.file, this.syslog];
  }

  private sinkAt({ url, caFile }: Config['audit']['syslog']): SyslogSink | undefined {
    return url === undefined ? undefined : new SyslogSink({ url, caFile, logger: this.logger });
  }
}

/** A key is only made where none was named: a wrong name, or a volume that isn't there, must not change the key unseen. */
function openSigner({ audit }: Config, keyFile: string, logger: Logger): KeyFileSigner {
  if (audit.checkpoints.keyFile === undefined)
    return KeyFileSigner.openOrMake(keyFile, ({ key, privateFile, publicFile }) =>
      logger.warn('a key that signs checkpoints was made', { key, privateFile, publicFile }),
    );
  if (existsSync(keyFile)) return KeyFileSigner.open(keyFile);
  throw new Error(
    `audit.checkpoints.keyFile names ${keyFile}, which is not there: make a key with "surety audit keygen"`,
  );
}
