import type { Socket } from 'node:net';
import { Fifo } from '../../domain/session/fifo.js';

/** TLS handshakes that begin in one turn of the event loop. Each takes the thread for up to a millisecond (RSA). */
const HANDSHAKES_A_TURN = 8;
/** Connections that are ended in one turn because their peers have. Each takes some twenty microseconds. */
const ENDS_A_TURN = 64;

/** What many connections may ask for at the same moment; of all listeners together. */
export interface ListenerTurns {
  readonly handshakes: SocketTurns;
  readonly ends: SocketTurns;
}

export function makeListenerTurns(): ListenerTurns {
  return { handshakes: new SocketTurns(HANDSHAKES_A_TURN), ends: new SocketTurns(ENDS_A_TURN) };
}

/** Does something for a few sockets at a time: for all of them at once it would hold everybody else up. */
export class SocketTurns {
  private readonly waiting = new Fifo<{ readonly socket: Socket; readonly begin: () => void }>();

  /** @param atATime For how many sockets in one turn of the event loop. */
  constructor(private readonly atATime: number) {}

  /** @param begin Called when it is the turn of this socket, unless that has been destroyed before. */
  take(socket: Socket, begin: () => void): void {
    this.waiting.push({ socket, begin });
    if (this.waiting.length === 1) this.schedule();
  }

  private schedule(): void {
    setImmediate(() => {
      for (let taken = Math.min(this.atATime, this.waiting.length); taken > 0; taken--) {
        const next = this.waiting.shift();
        if (next?.socket.destroyed === false) next.begin();
      }
      if (this.waiting.length > 0) this.schedule();
    });
  }
}
