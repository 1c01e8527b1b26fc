import { existsSync } from 'node:fs';
import { hostname } from 'node:os';

import { CheckpointFile } from './adapters/audit-files/checkpoint-file.js';
import type { Config } from './adapters/config/config.js';
import { KeyFileSigner } from './adapters/crypto/checkpoint-keys.js';
import type { PostgresStorage } from './adapters/postgres/postgres-storage.js';
import { SyslogSink } from './adapters/syslog/syslog-sink.js';
import { ApplyRetention } from './application/audit/apply-retention.js';
import { WriteCheckpoints } from './application/audit/write-checkpoints.js';
import type { Clock } from './application/ports/clock.js';
import type { Logger } from './application/ports/logger.js';
import { auditFilesOf } from './audit-files.js';

/** What keeps the audit trail beside writing it: signed checkpoints outside the database, and the end of old months. */
export interface AuditKeeping {
  readonly checkpoints: WriteCheckpoints;
  readonly retention: ApplyRetention;
  /** Undefined where no syslog server is configured. */
  readonly syslog: SyslogSink | undefined;
}

/** The name of a broker in its trail. */
export function nodeName({ node }: Config): string {
  return node.name ?? hostname();
}

/** @throws Error that says what to do, when the key that signs checkpoints can't be had. */
export function auditKeeping(
  config: Config,
  { trail, auditPartitions: partitions }: PostgresStorage,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): AuditKeeping {
  const { enabled, checkpoints: settings, syslog } = config.audit;
  // Where nothing can be recorded, nothing is dropped: a record has to say so.
  const age = enabled ? config.audit : { retentionDays: 0 };
  const { checkpointFile, keyFile } = auditFilesOf(config);
  const node = nodeName(config);
  const { url, caFile } = syslog;
  const syslogSink = url === undefined ? undefined : new SyslogSink({ url, caFile, logger });
  const checkpoints = new WriteCheckpoints({
    trail,
    signer: openSigner(config, keyFile, logger),
    sinks: [new CheckpointFile(checkpointFile), ...(syslogSink === undefined ? [] : [syslogSink])],
    clock,
    logger,
    node,
    everyRecords: settings.everyRecords,
    everyMs: settings.everySeconds * 1000,
  });
  const retention = new ApplyRetention({ trail, partitions, checkpoints, clock, logger, age });
  return { checkpoints, retention, syslog: syslogSink };
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
