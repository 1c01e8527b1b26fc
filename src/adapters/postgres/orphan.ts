import { connect as connectSocket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../application/ports/logger.js';
import { anotherBroker, findLockHolder, type LockHolder } from './broker-lock.js';
import { openPool } from './connect.js';
import { connectionFailure } from './connection-failure.js';
import type { DataDirectory } from './data-directory.js';
import type { DatabaseAddress } from './database-address.js';
import { isServerOf, livingParent, recordedPid, removeStaleLocks } from './running-server.js';
import { StartFailure } from './start-failure.js';

/** Where to look and whom to ask. */
export interface OrphanSearch {
  readonly data: DataDirectory;
  /** The broker's database on the server, if it still runs. */
  readonly address: DatabaseAddress;
  readonly socket: string;
  readonly logger: Logger;
}

/** For a killed broker's connections to be noticed. */
const holderMsMax = 2000;
/** For a server that recovers or shuts down to be done. */
const notReadyMsMax = 120_000;
/** For one that doesn't answer at all. */
const silentMsMax = 10_000;
const shutdownMsMax = { SIGINT: 30_000, SIGQUIT: 5000, SIGKILL: 5000 } as const;
const pollMs = 20;

/**
 * Clears the way for a start. A server that a killed broker left on the cluster is stopped in good order; one that
 * a living broker uses, or that can't be asked, is left alone. Files of a server that is gone are no hindrance.
 * @throws StartFailure `another-broker`, `server-busy`.
 */
export async function clearOrphan(search: OrphanSearch): Promise<void> {
  const { cluster } = search.data;
  const pid = recordedPid(cluster);
  if (pid === undefined) return;
  if (!isServerOf(pid, cluster)) {
    await requireSilence(search, pid);
    removeStaleLocks(cluster, pid);
    return;
  }
  const parent = livingParent(pid);
  if (parent !== undefined) {
    throw anotherBroker({ backendPid: 0, description: `process ${parent} on this host` }, search.data.root);
  }
  search.logger.warn(
    'a PostgreSQL server was left behind by a broker that did not stop in order; stopping it',
    { pid },
  );
  await requireUnused(search, pid);
  await stopOrphan(pid, cluster);
}

/** A server in another container has its own process ids, but its socket, in the shared directory, still answers. */
async function requireSilence({ data, socket }: OrphanSearch, pid: number): Promise<void> {
  const answers = await new Promise<boolean>((resolve) => {
    const probe = connectSocket(socket);
    probe.once('connect', () => resolve(true)).once('error', () => resolve(false));
    probe.once('connect', () => probe.destroy());
  });
  if (!answers) return;
  throw new StartFailure(
    'server-busy',
    `a PostgreSQL server answers on ${data.cluster}, but its process ${pid} can't be seen from here: a broker in another ` +
      'container uses this data directory. Stop it, or give this one a directory of its own',
  );
}

/** Returns once it is certain that no broker uses the server, or that it is gone. */
async function requireUnused(search: OrphanSearch, pid: number): Promise<void> {
  const startMs = performance.now();
  for (;;) {
    const answer = await askHolder(search.address);
    if (!isServerOf(pid, search.data.cluster) || answer === 'unused') return;
    const elapsedMs = performance.now() - startMs;
    if (answer === 'not-ready' || answer === 'silent') {
      if (elapsedMs > (answer === 'silent' ? silentMsMax : notReadyMsMax)) throw unanswered(search.data, pid);
    } else if (elapsedMs > holderMsMax) {
      throw anotherBroker(answer, search.data.root);
    }
    await delay(pollMs);
  }
}

/** @throws StartFailure where the server knows us no more. */
async function askHolder(address: DatabaseAddress): Promise<LockHolder | 'unused' | 'not-ready' | 'silent'> {
  const sql = openPool(address, { max: 1, connect_timeout: 5 });
  try {
    return (await findLockHolder(sql)) ?? 'unused';
  } catch (error) {
    const failure = connectionFailure(error, address);
    // Killed before the first start was through: nobody has ever held anything in it.
    if (failure.code === 'database-missing') return 'unused';
    if (failure.code === 'database-not-ready') return 'not-ready';
    if (failure.code === 'database-unreachable') return 'silent';
    throw failure;
  } finally {
    await sql.end({ timeout: 0 });
  }
}

async function stopOrphan(pid: number, cluster: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!isServerOf(pid, cluster)) return;
    process.kill(pid, signal);
    const deadline = performance.now() + shutdownMsMax[signal];
    while (isServerOf(pid, cluster) && performance.now() < deadline) await delay(pollMs);
  }
  if (isServerOf(pid, cluster)) {
    throw new StartFailure(
      'server-busy',
      `the PostgreSQL server ${pid} on ${cluster} can't be ended: reboot the host`,
    );
  }
}

function unanswered(data: DataDirectory, pid: number): StartFailure {
  return new StartFailure(
    'server-busy',
    `a PostgreSQL server (pid ${pid}) runs on ${data.cluster} and does not say whether a broker uses it: ` +
      `make sure that none does, stop it with "kill -INT ${pid}", and start again`,
  );
}
