import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { unusable, type DataDirectory } from './data-directory.js';
import type { ServerAccount } from './server-account.js';
import type { ServerBinaries } from './server-binaries.js';
import { errorCode, StartFailure } from './start-failure.js';

const asidePrefix = 'postgres.initialising-';

/**
 * Creates the cluster: in a directory aside, moved into place when it is complete and on disk, so that a crash
 * midway leaves nothing that looks like data. Where another starter was quicker, its cluster stands.
 * @throws StartFailure `disk-full`, `embedded-server-unusable`, `data-directory-unusable`.
 */
export async function createCluster(
  data: DataDirectory,
  binaries: ServerBinaries,
  password: string,
): Promise<void> {
  removeAbandoned(data.root);
  const aside = join(data.root, `${asidePrefix}${process.pid}`);
  const fresh = join(aside, 'data');
  try {
    makeOwned(aside, data.account);
    makeOwned(fresh, data.account);
    // Relative to the working directory, so that it too is found where the account can't walk the path.
    writeOwned(join(aside, 'password'), password, data.account);
    await runInitdb(fresh, data, binaries);
    renameSync(fresh, data.cluster);
    syncDirectory(data.root);
  } catch (error) {
    if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') {
      throw error instanceof StartFailure ? error : unusable(data.root, error);
    }
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** What PostgreSQL's programs get to see of our environment: nothing that could turn them to another server. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, LD_LIBRARY_PATH } = process.env;
  return { PATH, LD_LIBRARY_PATH, LC_ALL: 'C', TZ: 'UTC' };
}

function makeOwned(path: string, account: ServerAccount | undefined): void {
  mkdirSync(path, { mode: 0o700 });
  chmodSync(path, 0o700);
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}

function writeOwned(path: string, text: string, account: ServerAccount | undefined): void {
  writeFileSync(path, `${text}\n`, { mode: 0o600, flag: 'wx' });
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}

function runInitdb(fresh: string, data: DataDirectory, binaries: ServerBinaries): Promise<void> {
  const target = data.clusterAsSeen === data.cluster ? fresh : data.clusterAsSeen;
  const options = ['--username=surety', '--auth=scram-sha-256', '--pwfile=../password', '--no-instructions'];
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const child = spawn(binaries.initdb, ['-D', target, ...options, ...locale], {
    cwd: fresh,
    env: serverEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(data.account && { uid: data.account.uid, gid: data.account.gid }),
  });
  return new Promise((resolve, reject) => {
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-4096)));
    child.on('error', (error) => reject(cannotRun(binaries.initdb, data.account, error)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(initdbFailed(data, complaint, String(signal ?? code)));
    });
  });
}

function initdbFailed(data: DataDirectory, complaint: string, ending: string): StartFailure {
  if (complaint.includes('No space left on device')) {
    return new StartFailure(
      'disk-full',
      `the disk of ${data.root} is full: PostgreSQL needs about 60 MB to start with`,
    );
  }
  return new StartFailure(
    'embedded-server-unusable',
    `PostgreSQL could not set up its data in ${data.cluster} (initdb ended with ${ending}): ${complaint.trim()}`,
  );
}

/** A program of PostgreSQL that the system would not even start. */
export function cannotRun(program: string, account: ServerAccount | undefined, error: unknown): StartFailure {
  const reason = existsSync(program)
    ? 'it may be built for another system (Alpine Linux, for one, has a different C library)'
    : 'it is gone';
  const change = account === undefined ? '' : ` as the account "${account.name}"`;
  return new StartFailure(
    'embedded-server-unusable',
    `${program} can't be started${change} (${errorCode(error)}): ${reason}. Set database.url to use a server of your own`,
    { cause: error },
  );
}

/** What a starter that was killed midway left behind; a live one's is not touched. */
function removeAbandoned(root: string): void {
  for (const name of readdirSync(root)) {
    const pid = name.startsWith(asidePrefix) ? Number(name.slice(asidePrefix.length)) : undefined;
    if (pid === undefined || (pid !== process.pid && isAlive(pid))) continue;
    rmSync(join(root, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
