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
  socket.on('error', destroyThis);
  // Undefined when it has been reset already.
  const remoteAddress = isUnix ? UNIX_PEER : peerAddress(socket);
  const destroy = (): void => void socket.destroy();
  const leave = (): void => {
    if (admission) admission.leave();
  };
  const accepted = (): void => void socket.off('close', leave);
  const admission =
    remoteAddress && acceptor.admit({ address: remoteAddress, isProxy, destroy, accepted }, listener);
  if (!remoteAddress || !admission) {
    destroy();
    return undefined;
  }
  socket.once('close', leave);
  return { admission, remoteAddress };
}

/** One for all sockets, as there are many: it must hold on to nothing. */
function destroyThis(this: Socket): void {
  this.destroy();
}
