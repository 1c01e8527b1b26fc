import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openBackup, writeBackup } from './adapters/backup-folder/backup-folder.js';
import type { BackupActions, BackupOptions } from './adapters/cli/backup-commands.js';
import type { ConfigOptions } from './adapters/cli/cli.js';
import type { Outcome } from './adapters/cli/outcome.js';
import type { Config } from './adapters/config/config.js';
import { publicFileOf } from './adapters/crypto/checkpoint-keys.js';
import { dumpDatabase } from './adapters/postgres/backup/dump-database.js';
import { restoreDatabase } from './adapters/postgres/backup/restore-script.js';
import { auditFilesOf } from './audit-files.js';
import { brokerDatabaseOf, withBrokerDatabase } from './broker-database.js';
import { VERSION } from './version.js';

/** What there is without persistence. */
const NOTHING = 'the broker stores nothing';
const migrationsDir = fileURLToPath(new URL('../migrations', import.meta.url));

/** What `surety backup` and `surety restore` do. @param load Reads the configuration; throws when it is faulty. */
export function backupActions(load: (options: ConfigOptions) => Config): BackupActions {
  return {
    backup: (options) => backup(options, load(options)),
    restore: (path, options) => restore(path, load(options)),
  };
}

async function backup({ out }: BackupOptions, config: Config): Promise<Outcome> {
  const takenAt = new Date().toISOString();
  const folder = out ?? `surety-backup-${takenAt.replace(/[-:]|\.\d+/g, '')}`;
  const { checkpointFile, keyFile } = auditFilesOf(config);
  return withBrokerDatabase(config, NOTHING, async (sql) => {
    const rows = new Map<string, number>();
    const script = dumpDatabase(sql, migrationsDir, (table, count) => rows.set(table, count));
    // A checkpoint that is older than the trail verifies; one that is newer would tell of records that aren't in the backup.
    const beside = [checkpointFile, publicFileOf(keyFile)];
    const manifest = await writeBackup(folder, { version: VERSION, takenAt, beside, script, rows });
    const lines = [`backup written to ${folder}`, ...rowLines(new Map(Object.entries(manifest.rows)))];
    return { lines, json: { folder, takenAt, rows: manifest.rows } };
  });
}

async function restore(path: string, config: Config): Promise<Outcome> {
  const rows = new Map<string, number>();
  const lines = await openBackup(path);
  await restoreDatabase(brokerDatabaseOf(config, NOTHING), lines, (table, count) => rows.set(table, count));
  const files = restoreAuditFiles(path, config);
  return {
    lines: [`restored ${path}`, ...rowLines(rows), ...files],
    json: { backup: path, rows: Object.fromEntries(rows) },
  };
}

/** What verifies the trail goes beside where the broker goes on with it; the key that it will sign with is another. */
function restoreAuditFiles(path: string, config: Config): string[] {
  const { checkpointFile, keyFile } = auditFilesOf(config);
  const [from, fromKey] = [join(path, basename(checkpointFile)), join(path, basename(publicFileOf(keyFile)))];
  if (!existsSync(from) || !existsSync(fromKey)) return [];
  const [to, toKey] = [checkpointFile, join(dirname(keyFile), `restored-${basename(fromKey)}`)];
  for (const [source, target] of [
    [from, to],
    [fromKey, toKey],
  ] as const) {
    mkdirSync(dirname(target), { recursive: true, mode: 0o750 });
    if (!existsSync(target)) copyFileSync(source, target);
  }
  return [`verify the audit trail: surety audit verify --checkpoints ${from} --public-key ${fromKey}`];
}

function rowLines(rows: ReadonlyMap<string, number>): string[] {
  const told = [...rows].filter(([table]) => table.startsWith('surety.'));
  return told.map(([table, count]) => `${String(count).padStart(12)}  ${table.slice('surety.'.length)}`);
}
