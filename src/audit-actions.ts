import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { CheckpointFile } from './adapters/audit-files/checkpoint-file.js';
import { ExportFile } from './adapters/audit-files/export-file.js';
import { recordWriter } from './adapters/audit-files/record-lines.js';
import {
  type AuditActions,
  isFiltered,
  type SearchOptions,
  type TrailOptions,
  type VerifyOptions,
} from './adapters/cli/audit-commands.js';
import type { ConfigOptions } from './adapters/cli/cli.js';
import type { Config } from './adapters/config/config.js';
import { generateKeyFiles, KeyFileVerifier, publicFileOf } from './adapters/crypto/checkpoint-keys.js';
import { NodeDigest } from './adapters/crypto/node-digest.js';
import { openAuditDatabase } from './adapters/postgres/audit-database.js';
import { PostgresAuditReader } from './adapters/postgres/audit-reader.js';
import { SearchTrail } from './application/audit/search-trail.js';
import { TraceMessages } from './application/audit/trace-messages.js';
import { VerifyTrail } from './application/audit/verify-trail.js';
import { auditFilesOf } from './audit-files.js';
import { brokerDatabaseOf, withBrokerDatabase } from './broker-database.js';
import type { MessageStory } from './domain/audit/message-story.js';
import type { TrailReport } from './domain/audit/trail-report.js';

const KEY_FILE_NAME = 'checkpoint-key.pem';
/** What there isn't without persistence. */
const NOTHING = 'there is no audit trail';

/** What `surety audit ...` does. @param load Reads the configuration; throws when it is faulty. */
export function auditActions(load: (options: ConfigOptions) => Config): AuditActions {
  return {
    keygen: ({ out }) => {
      const { privateFile, publicFile, key } = generateKeyFiles(join(out, KEY_FILE_NAME));
      const lines = [
        `private key: ${privateFile} (keep it secret)`,
        `public key:  ${publicFile} (give it to auditors)`,
        `name of the key: ${key}`,
      ];
      return { lines, json: { privateFile, publicFile, key } };
    },
    verify: (options, progress) => verify(options, load(options), progress),
    find: (options, isExport) => find(options, load(options), isExport),
    trail: (options) => trail(options, load(options)),
  };
}

async function verify(
  options: VerifyOptions,
  config: Config,
  progress: (records: number, total: number | undefined) => void,
): Promise<TrailReport> {
  const files = auditFilesOf(config);
  const checkpointFile = options.checkpoints ?? files.checkpointFile;
  if (options.checkpoints === undefined) requireCheckpoints(checkpointFile, config);
  else requireFile(checkpointFile, 'the checkpoint file', '--checkpoints');
  const publicFiles = options.publicKey ?? [publicFileOf(files.keyFile)];
  for (const file of publicFiles) requireFile(file, 'the public key', '--public-key');
  const parts = {
    checkpoints: new CheckpointFile(checkpointFile),
    keys: new KeyFileVerifier(publicFiles),
    digest: new NodeDigest(),
  };
  if (options.export !== undefined) {
    requireFile(options.export, 'the export', '--export');
    const reader = new ExportFile(options.export);
    const told = await new VerifyTrail({ ...parts, reader }).verify((records) =>
      progress(records, undefined),
    );
    return judged(told, checkpointFile);
  }
  const report = await withBrokerDatabase(config, NOTHING, async (sql) => {
    const reader = new PostgresAuditReader(sql);
    const extent = await reader.extent();
    const total = extent && extent.lastSequence - extent.firstSequence + 1;
    return new VerifyTrail({ ...parts, reader }).verify((records) => progress(records, total));
  });
  return judged(report, checkpointFile);
}

/** @throws Error when nothing vouches for the trail: hashes that fit each other are what a forger would make, too. */
function judged(report: TrailReport, checkpointFile: string): TrailReport {
  const { fault, checkpoints, checkpointsBefore, tornLines } = report;
  if (fault !== undefined || checkpoints + checkpointsBefore > 0) return report;
  const found = tornLines === 0 ? 'it is empty' : `none of its ${tornLines} lines is one`;
  throw new Error(
    `${checkpointFile} holds no checkpoint (${found}), and without one nothing vouches for the trail: ` +
      'give --checkpoints the file as the broker has written it, byte for byte',
  );
}

async function* find(options: SearchOptions, config: Config, isExport: boolean): AsyncGenerator<string> {
  const { from: fromMs, to: toMs, client: clientId, principal, kind: kinds, topic, limit } = options;
  const writer = recordWriter(options.format, isExport && !isFiltered(options));
  const database = await openAuditDatabase(brokerDatabaseOf(config, NOTHING));
  try {
    yield writer.head;
    const trail = new SearchTrail(new PostgresAuditReader(database.sql));
    for await (const page of trail.search({ fromMs, toMs, clientId, principal, kinds, topic, limit })) {
      yield page.map((record) => writer.line(record)).join('');
    }
  } finally {
    await database.close();
  }
}

async function* trail(options: TrailOptions, config: Config): AsyncGenerator<readonly MessageStory[]> {
  const { topic, from: fromMs, to: toMs, client: clientId } = options;
  const query = { topic, fromMs, toMs, clientId };
  if (options.export !== undefined) {
    requireFile(options.export, 'the export', '--export');
    yield* new TraceMessages(new ExportFile(options.export, false)).trace(query);
    return;
  }
  const database = await openAuditDatabase(brokerDatabaseOf(config, NOTHING));
  try {
    yield* new TraceMessages(new PostgresAuditReader(database.sql)).trace(query);
  } finally {
    await database.close();
  }
}

function requireCheckpoints(file: string, { audit }: Config): void {
  if (existsSync(file)) return;
  const { everySeconds } = audit.checkpoints;
  throw new Error(
    `there is no checkpoint yet: ${file} is not there. A broker writes the first at most ${everySeconds} seconds after its ` +
      'first start, and one when it stops. Where checkpoints are kept elsewhere, name their file with --checkpoints',
  );
}

function requireFile(file: string, what: string, option: string): void {
  if (!existsSync(file)) throw new Error(`${what} ${file} is not there: name it with ${option}`);
}
