import { chmod } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import process from 'node:process';
import { removeStaleSocket } from './unix-socket.js';

/** Where to listen: at a TCP port, or at a Unix socket. */
export type ListeningAddress =
  | {
      readonly host: string;
      /** 0 takes any free port. */
      readonly port: number;
    }
  | {
      readonly socketPath: string;
      /** Who may connect, as in chmod: 0o660. */
      readonly socketMode: number;
    };

/** Connections that wait to be accepted, at most; the kernel allows `net.core.somaxconn`, which is 4,096 as a rule. */
const BACKLOG = 32_768;
/** Nobody gets at a Unix socket before its mode is set. */
const UMASK_OF_NEW_SOCKET = 0o177;

/**
 * Has the server listen.
 * @returns where, as what follows the scheme in a URL, with the port that was taken.
 * @throws Error that says what to do, when the address can't be had.
 */
export async function listenOn(server: Server, address: ListeningAddress): Promise<string> {
  if ('socketPath' in address) {
    const { socketPath, socketMode } = address;
    await removeStaleSocket(socketPath);
    const umask = process.umask(UMASK_OF_NEW_SOCKET);
    const listening = listen(server, { path: socketPath, backlog: BACKLOG }, socketPath);
    process.umask(umask);
    await listening;
    await chmod(socketPath, socketMode);
    return `+unix:${socketPath}`;
  }
  const { host, port } = address;
  await listen(server, { host, port, backlog: BACKLOG }, `${host}:${port}`);
  const taken = server.address() as AddressInfo;
  const shownHost = taken.family === 'IPv6' ? `[${taken.address}]` : taken.address;
  return `://${shownHost}:${taken.port}`;
}

/** The port that a server listens on; 0 for a Unix socket. */
export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function listen(server: Server, options: Parameters<Server['listen']>[0], where: string): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    // Stays: later errors are those of single connections that could not be accepted, and end nothing.
    server.on('error', (error: NodeJS.ErrnoException) => reject(explain(error, where)));
    server.listen(options, resolve);
  });
}

function explain(error: NodeJS.ErrnoException, where: string): Error {
  const advice: Record<string, string> = {
    EADDRINUSE: `${where} is taken by another program: stop it, or set another port (SURETY_PORT)`,
    EACCES: `no permission to listen on ${where}: ports below 1024 need a privilege, and a Unix socket a folder that this user may write to`,
    EADDRNOTAVAIL: `this machine has no such address as in ${where}: set one that it has (SURETY_HOST)`,
    ENOTFOUND: `the host name in ${where} is unknown: set an address of this machine (SURETY_HOST)`,
  };
  return new Error(advice[error.code ?? ''] ?? `can't listen on ${where}: ${error.message}`, {
    cause: error,
  });
}
