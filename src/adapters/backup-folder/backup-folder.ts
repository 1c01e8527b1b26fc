import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** What stands in a backup beside the data. */
export interface BackupManifest {
  /** Of this description. */
  readonly format: 1;
  /** The version of the broker that wrote it. */
  readonly version: string;
  /** When the database was as it is in the backup: ISO 8601, UTC. */
  readonly takenAt: string;
  /** SHA-256 of each file, hexadecimal, by its path in the folder. */
  readonly files: Readonly<Record<string, string>>;
  /** How many rows each table has. */
  readonly rows: Readonly<Record<string, number>>;
}

/** What goes into a backup. */
export interface BackupContent {
  readonly version: string;
  readonly takenAt: string;
  /** Files beside the database, by their path; those that aren't there are left out. Copied before it is read. */
  readonly beside: readonly string[];
  /** The database as a script; read once. */
  readonly script: AsyncIterable<Uint8Array>;
  /** How many rows there were, once the script has been read. */
  readonly rows: ReadonlyMap<string, number>;
}

const SCRIPT_FILE = 'database.sql.gz';
const MANIFEST_FILE = 'manifest.json';
const LINE_FEED = 10;

/**
 * Writes a backup into a folder that must not be there yet; it has its name only when it is whole and on the disk.
 * @throws Error that says what to do.
 */
export async function writeBackup(folder: string, content: BackupContent): Promise<BackupManifest> {
  if (existsSync(folder)) throw new Error(`${folder} is there already: name another folder with --out`);
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  try {
    const files: Record<string, string> = {};
    for (const file of content.beside.filter((name) => existsSync(name))) {
      await copyFile(file, join(partial, basename(file)));
      files[basename(file)] = await digestOf(join(partial, basename(file)));
    }
    await writeScript(join(partial, SCRIPT_FILE), content.script);
    files[SCRIPT_FILE] = await digestOf(join(partial, SCRIPT_FILE));
    const { takenAt, version } = content;
    const rows = Object.fromEntries(content.rows);
    const manifest: BackupManifest = { format: 1, version, takenAt, files, rows };
    await writeFile(join(partial, MANIFEST_FILE), `${JSON.stringify(manifest, undefined, 2)}\n`, {
      mode: 0o600,
    });
    for (const name of [...Object.keys(files), MANIFEST_FILE, '.']) await sync(join(partial, name));
    await rename(partial, folder);
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Opens a backup, or a script of SQL alone, as `pg_dump` writes it: plain, or with gzip where its name ends in `.gz`.
 * @returns the lines of the script.
 * @throws Error that says what is wrong with it.
 */
export async function openBackup(path: string): Promise<AsyncIterable<string>> {
  if (!existsSync(path)) throw new Error(`${path} is not there: name the folder that surety backup wrote`);
  if (!(await stat(path)).isDirectory()) return linesOf(path);
  const manifest = await readManifest(path);
  for (const [name, digest] of Object.entries(manifest.files)) {
    const file = join(path, name);
    if (!existsSync(file)) throw new Error(`the backup is not whole: ${file} is missing`);
    if ((await digestOf(file)) !== digest)
      throw new Error(`the backup is damaged: ${file} is not as it was written`);
  }
  return linesOf(join(path, SCRIPT_FILE));
}

async function readManifest(folder: string): Promise<BackupManifest> {
  const file = join(folder, MANIFEST_FILE);
  if (!existsSync(file)) throw new Error(`${folder} is no backup, or was not finished: ${file} is missing`);
  const manifest = JSON.parse(await readFile(file, 'utf8')) as BackupManifest;
  if ((manifest.format as number) === 1) return manifest;
  throw new Error(
    `${file} has a format that this version does not know: restore with the version that wrote it`,
  );
}

async function writeScript(file: string, script: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  await pipeline(Readable.from(script, { objectMode: false }), createGzip(), handle.createWriteStream());
}

function linesOf(file: string): AsyncIterable<string> {
  const bytes = createReadStream(file);
  if (!file.endsWith('.gz')) return splitLines(bytes);
  const plain = createGunzip();
  bytes.on('error', (error) => plain.destroy(error));
  return splitLines(bytes.pipe(plain));
}

/** Splits at line feeds alone: other ends of lines, such as U+2028, may stand in a topic. */
async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, start)) {
      begun.push(chunk.subarray(start, at));
      yield Buffer.concat(begun).toString();
      begun = [];
      start = at + 1;
    }
    begun.push(chunk.subarray(start));
  }
  const last = Buffer.concat(begun);
  if (last.length > 0) yield last.toString();
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync();
  await handle.close();
}
