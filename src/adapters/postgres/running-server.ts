import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { socketName } from './server-settings.js';
import { errorCode } from './start-failure.js';

/** The process id in a cluster's `postmaster.pid`, or undefined where there is no such file. */
export function recordedPid(cluster: string): number | undefined {
  try {
    const pid = Math.abs(Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Whether the process is a PostgreSQL server that works in this cluster's directory. The number alone proves
 * nothing: it may have gone to another process since.
 */
export function isServerOf(pid: number, cluster: string): boolean {
  if (process.platform !== 'linux') return commandOf(pid).includes(cluster);
  try {
    if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() !== 'postgres') return false;
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster);
  } catch (error) {
    // Gone, or of another user, who can't have it in a directory of ours.
    return ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errorCode(error)) ? false : rethrow(error);
  }
}

/**
 * The broker that is the parent of the server, where the system tells. A living parent shows that the server is
 * no orphan even while it starts up and can't be asked.
 */
export function livingParent(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (parent <= 1 || parent === process.pid) return undefined;
    return basename(readlinkSync(`/proc/${parent}/exe`)) === basename(process.execPath) ? parent : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Removes the lock files of a server that is no more, when their process id has gone to another process, which
 * PostgreSQL would take for a server. It still refuses by itself while any process of the old one has its memory attached.
 */
export function removeStaleLocks(cluster: string, pid: number): void {
  if (!isAlive(pid)) return;
  for (const name of ['postmaster.pid', `${socketName}.lock`]) {
    if (existsSync(join(cluster, name))) rmSync(join(cluster, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function rethrow(error: unknown): never {
  throw error;
}
