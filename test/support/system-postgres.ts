import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverAccount } from '../../src/adapters/postgres/server-account.js';
import { waitUntil } from './wait-until.js';

/** A PostgreSQL server that the machine brings along, started for one test file. */
export interface SystemPostgres {
  /** A URL of the database of this name, for the server's superuser or another user without a password. */
  url(database: string, user?: string): string;
  stop(): Promise<void>;
}

/** The directory of the programs of PostgreSQL 15, where Debian and Ubuntu put them. */
export const postgres15 = '/usr/lib/postgresql/15/bin';
export const hasPostgres15 = existsSync(join(postgres15, 'postgres'));

/** Makes a cluster and starts a server on it, on a Unix socket alone; as another user where we are root. */
export async function startSystemPostgres(binaries: string): Promise<SystemPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'surety-pg-'));
  const account = serverAccount(directory);
  const user = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  if (account !== undefined) chownSync(directory, account.uid, account.gid);
  const data = join(directory, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale', 'C', '--no-sync'];
  execFileSync(join(binaries, 'initdb'), initdb, { cwd: directory, stdio: 'ignore', ...user });
  const settings = `listen_addresses = ''\nunix_socket_directories = '${directory}'\nfsync = off\nshared_buffers = 16MB\n`;
  writeFileSync(join(data, 'postgresql.auto.conf'), settings);
  const server = spawn(join(binaries, 'postgres'), ['-D', data], {
    cwd: directory,
    stdio: 'ignore',
    ...user,
  });
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const pidFile = join(data, 'postmaster.pid');
  // The server listens before it lets anybody in; its last line says when it does.
  const isReady = (): boolean =>
    existsSync(pidFile) && readFileSync(pidFile, 'utf8').split('\n')[7]?.trim() === 'ready';
  try {
    await waitUntil(isReady, 'the server');
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
  return {
    url: (database, name = 'postgres') =>
      `postgres://${name}@/${database}?host=${encodeURIComponent(directory)}`,
    stop: async () => {
      server.kill('SIGINT');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
