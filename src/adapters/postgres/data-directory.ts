import { randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { barrierTo, serverAccount, type ServerAccount } from './server-account.js';
import { errorCode, StartFailure } from './start-failure.js';

/** Where the embedded server keeps its files, and who owns them. All paths are absolute. */
export interface DataDirectory {
  /** The broker's own data directory. */
  readonly root: string;
  /** PostgreSQL's, below it. */
  readonly cluster: string;
  /**
   * What PostgreSQL is told as its directory. Started with `cluster` as its working directory, it is given the
   * kernel's name for that where its account can't walk the path (a directory under /root).
   */
  readonly clusterAsSeen: string;
  readonly logFile: string;
  readonly passwordFile: string;
  /** Undefined: PostgreSQL runs as the broker's own user. */
  readonly account: ServerAccount | undefined;
}

/**
 * Makes sure that the broker's data directory is there and usable, and names what is in it.
 * @throws StartFailure `data-directory-unusable`, `account-missing`.
 */
export function openDataDirectory(path: string): DataDirectory {
  const root = resolve(path);
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    if (!statSync(root).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(root, error);
  }
  const cluster = join(root, 'postgres');
  const account = serverAccount(cluster);
  return {
    root,
    cluster,
    clusterAsSeen: nameFor(account, root, cluster),
    logFile: join(root, 'postgres.log'),
    passwordFile: join(root, 'postgres-password'),
    account,
  };
}

/**
 * Fails unless PostgreSQL's directory is absent, empty, or a cluster of this major version that we may use.
 * @returns whether there is a cluster.
 * @throws StartFailure `data-directory-foreign`, `data-directory-version`, `data-directory-unusable`.
 */
export function hasCluster(data: DataDirectory, major: string): boolean {
  const { cluster } = data;
  try {
    if (!existsSync(cluster)) return false;
    requireOwner(cluster);
    if (readdirSync(cluster).length === 0) return false;
  } catch (error) {
    throw error instanceof StartFailure ? error : unusable(cluster, error);
  }
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    throw new StartFailure(
      'data-directory-foreign',
      `${cluster} is not empty and holds no PostgreSQL data: set the data directory (SURETY_DATA_DIR) to another one`,
    );
  }
  const found = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (found !== major) {
    throw new StartFailure(
      'data-directory-version',
      `${cluster} was made by PostgreSQL ${found}, and the embedded server is PostgreSQL ${major}: move the data with ` +
        `pg_dump of version ${found}, or run PostgreSQL ${found} yourself and set database.url`,
    );
  }
  return true;
}

/**
 * Reads the password of the server's superuser, and makes one on the first start.
 * @throws StartFailure `data-directory-unusable` where it is gone but the cluster that knows it is not.
 */
export function serverPassword(data: DataDirectory, isFresh: boolean): string {
  const { passwordFile } = data;
  if (!existsSync(passwordFile)) {
    if (!isFresh) {
      throw new StartFailure(
        'data-directory-unusable',
        `${passwordFile} is missing, and ${data.cluster} can't be opened without it: restore it from a backup`,
      );
    }
    writePassword(passwordFile);
  }
  try {
    return readFileSync(passwordFile, 'utf8').trim();
  } catch (error) {
    throw unusable(passwordFile, error);
  }
}

function nameFor(account: ServerAccount | undefined, root: string, cluster: string): string {
  if (account === undefined) return cluster;
  const barrier = barrierTo(root, account);
  if (barrier === undefined) return cluster;
  if (process.platform === 'linux' && existsSync('/proc/self/cwd')) return '/proc/self/cwd';
  throw new StartFailure(
    'data-directory-unusable',
    `PostgreSQL refuses to run as root, and the account "${account.name}" that it runs under can't enter ${barrier}: ` +
      `set the data directory (SURETY_DATA_DIR) to one outside of it, such as /var/lib/surety, or run "chmod o+x ${barrier}"`,
  );
}

function requireOwner(cluster: string): void {
  const ours = process.getuid?.();
  const { uid } = statSync(cluster);
  if (ours === undefined || ours === 0 || ours === uid) return;
  throw new StartFailure(
    'data-directory-unusable',
    `${cluster} belongs to uid ${uid}, and the broker runs as uid ${ours}: start it as that user, ` +
      `or give the directory over with "chown -R ${ours} ${cluster}"`,
  );
}

/** Written aside and linked, so that of two starters one password wins and nobody reads half of it. */
function writePassword(path: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    writeFileSync(aside, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flush: true });
    linkSync(aside, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw unusable(path, error);
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Says why the file system refused `path` to the broker, and what to do about it. */
export function unusable(path: string, error: unknown): StartFailure {
  const user = process.getuid?.() ?? 'this user';
  const reasons: Record<string, string> = {
    EACCES: `uid ${user} may not use it: grant it, or set the data directory (SURETY_DATA_DIR) to another one`,
    EPERM: `uid ${user} may not use it: grant it, or set the data directory (SURETY_DATA_DIR) to another one`,
    EROFS: 'it is on a read-only file system: set the data directory (SURETY_DATA_DIR) to another one',
    ENOTDIR: 'it is not a directory: set the data directory (SURETY_DATA_DIR) to another one',
    EEXIST: 'it is not a directory: set the data directory (SURETY_DATA_DIR) to another one',
    ENOSPC: 'its disk is full',
  };
  const code = errorCode(error);
  return new StartFailure(
    code === 'ENOSPC' ? 'disk-full' : 'data-directory-unusable',
    `the data directory ${path} can't be used: ${reasons[code] ?? String(error)}`,
    { cause: error },
  );
}
