import { readFileSync, statSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StartFailure } from './start-failure.js';

/** The user that PostgreSQL runs under where the broker itself is root. */
export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Tried in this order: one that the operator made for the broker comes first. */
const accountNames = ['surety', 'postgres', '_postgres', 'nobody'];

/**
 * The account to run PostgreSQL under, or undefined where the broker isn't root and so runs it as itself.
 * A directory that is already there keeps its owner, so that an account added later doesn't lock it out.
 * @throws StartFailure `account-missing` where root has no unprivileged account to use.
 */
export function serverAccount(dataDirectory: string): ServerAccount | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statOrUndefined(dataDirectory);
  if (owner !== undefined && owner.uid !== 0) {
    return { name: `uid ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  }
  const accounts = readAccounts();
  for (const name of accountNames) {
    const account = accounts.get(name);
    if (account !== undefined && account.uid !== 0) return account;
  }
  throw new StartFailure(
    'account-missing',
    `PostgreSQL refuses to run as root, and none of the accounts ${accountNames.join(', ')} exists: ` +
      'create one (useradd --system surety), or start the broker as an ordinary user',
  );
}

/**
 * The first part of `path`, a directory or at its end a program, that lacks the permission to enter or run it
 * for the account; undefined if none does. What doesn't exist yet bars nobody.
 */
export function barrierTo(path: string, account: ServerAccount): string | undefined {
  const absolute = resolve(path);
  const parent = dirname(absolute);
  const above = parent === absolute ? undefined : barrierTo(parent, account);
  if (above !== undefined) return above;
  const stats = statOrUndefined(absolute);
  return stats === undefined || mayEnter(stats, account) ? undefined : absolute;
}

function mayEnter(stats: Stats, account: ServerAccount): boolean {
  if (stats.uid === account.uid) return (stats.mode & 0o100) !== 0;
  if (stats.gid === account.gid) return (stats.mode & 0o010) !== 0;
  return (stats.mode & 0o001) !== 0;
}

function readAccounts(): Map<string, ServerAccount> {
  const accounts = new Map<string, ServerAccount>();
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name = '', , uid = '', gid = ''] = line.split(':');
    // Some systems write the uid of nobody as -2, which setuid(2) takes as the same unsigned 32 bits.
    if (/^-?\d+$/.test(uid) && /^-?\d+$/.test(gid)) {
      accounts.set(name, { name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 });
    }
  }
  return accounts;
}

function statOrUndefined(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
