import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartFailure } from './start-failure.js';

/** One step of the schema, as its file has it. */
export interface Migration {
  readonly version: number;
  /** The verb and noun of the file's name, such as `create_session`. */
  readonly name: string;
  readonly fileName: string;
  readonly text: string;
  /** SHA-256 of the text in hexadecimal, the same whatever the line ends that a checkout made of it. */
  readonly checksum: string;
}

/**
 * Reads the migrations of a directory, in their order. Files that don't end in `.sql` don't count.
 * @throws StartFailure `migration-invalid` where the directory is missing, or a name is odd, double or skipped.
 */
export function readMigrations(directory: string): Migration[] {
  let names: string[];
  try {
    names = readdirSync(directory).filter((name) => name.endsWith('.sql'));
  } catch (error) {
    throw new StartFailure(
      'migration-invalid',
      `the migrations of the broker can't be read from ${directory}: reinstall it`,
      { cause: error },
    );
  }
  const migrations = names.sort().map((name) => readMigration(directory, name));
  migrations.forEach((migration, index) => {
    if (migration.version === index + 1) return;
    throw new StartFailure(
      'migration-invalid',
      `${join(directory, migration.fileName)} should be number ${String(index + 1).padStart(4, '0')}: ` +
        'migrations count from 0001, each number once',
    );
  });
  return migrations;
}

function readMigration(directory: string, fileName: string): Migration {
  const parts = /^(\d{4})_([a-z]+(?:_[a-z0-9]+)+)\.sql$/.exec(fileName);
  if (parts === null) {
    throw new StartFailure(
      'migration-invalid',
      `${join(directory, fileName)} is not named as a migration is, such as 0001_create_session.sql`,
    );
  }
  const [, version = '', name = ''] = parts;
  const text = readFileSync(join(directory, fileName), 'utf8');
  const checksum = createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex');
  return { version: Number(version), name, fileName, text, checksum };
}
