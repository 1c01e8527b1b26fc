import { join } from 'node:path';

import type { Config } from './adapters/config/config.js';

/** Where the audit trail's files are. */
export interface AuditFiles {
  /** The private key that signs checkpoints. */
  readonly keyFile: string;
  readonly checkpointFile: string;
}

/** As the configuration says, or else below the data directory. */
export function auditFilesOf({ audit, dataDir }: Pick<Config, 'audit' | 'dataDir'>): AuditFiles {
  const { file, keyFile } = audit.checkpoints;
  return {
    keyFile: keyFile ?? join(dataDir, 'audit', 'checkpoint-key.pem'),
    checkpointFile: file ?? join(dataDir, 'audit', 'checkpoints.jsonl'),
  };
}
