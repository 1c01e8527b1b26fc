import type { AddressInfo, Server } from 'node:net';

/** Where to listen. */
export interface ListeningAddress {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** Connections that wait to be accepted; what the kernel allows may be less. */
const BACKLOG = 4096;

/**
 * Has the server listen.
 * @returns where, as the authority of a URL, with the port that was taken.
 * @throws Error that says what to do, when the address can't be had.
 */
export async function listenOn(server: Server, { host, port }: ListeningAddress): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    // Stays: later errors are those of single connections that could not be accepted, and end nothing.
    server.on('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    server.listen({ host, port, backlog: BACKLOG }, resolve);
  });
  const address = server.address() as AddressInfo;
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${shownHost}:${address.port}`;
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const where = `${host}:${port}`;
  const advice: Record<string, string> = {
    EADDRINUSE: `${where} is taken by another program: stop it, or set another port (SURETY_PORT)`,
    EACCES: `no permission to listen on ${where}: ports below 1024 need a privilege, so set a higher one (SURETY_PORT)`,
    EADDRNOTAVAIL: `this machine has no address ${host}: set one that it has (SURETY_HOST)`,
    ENOTFOUND: `the host name ${host} is unknown: set an address of this machine (SURETY_HOST)`,
  };
  return new Error(advice[error.code ?? ''] ?? `can't listen on ${where}: ${error.message}`, {
    cause: error,
  });
}
