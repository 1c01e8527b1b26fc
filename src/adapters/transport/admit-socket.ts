import type { Socket } from 'node:net';

import type { Admission, ListenerSettings, StreamAcceptor } from '../../application/ports/byte-stream.js';
import { peerAddress, UNIX_PEER } from './peer-address.js';

/** Where a socket came in. */
export interface SocketEntrance {
  readonly listener: ListenerSettings;
  /** Whether a path is listened on: its peers have no addresses. */
  readonly isUnix: boolean;
  /** Whether its peers are proxies, so that limits on one client don't apply to them. */
  readonly isProxy: boolean;
}

/** A socket that has a place. */
export interface AdmittedSocket {
  readonly admission: Admission;
  readonly remoteAddress: string;
}

/** Asks for a place for a socket that has just come. @returns undefined when it has none: it is destroyed. */
export function admitSocket(
  socket: Socket,
  acceptor: StreamAcceptor,
  { listener, isUnix, isProxy }: SocketEntrance,
): AdmittedSocket | undefined {
  // A connection that is refused before anybody listens may fail too.
  socket.on('error', () => socket.destroy());
  const destroy = (): void => void socket.destroy();
  // Undefined when it has been reset already.
  const remoteAddress = isUnix ? UNIX_PEER : peerAddress(socket);
  const admission = remoteAddress && acceptor.admit({ address: remoteAddress, isProxy, destroy }, listener);
  if (!remoteAddress || !admission) {
    destroy();
    return undefined;
  }
  socket.once('close', () => admission.leave());
  return { admission, remoteAddress };
}
