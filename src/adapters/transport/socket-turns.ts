import type { Socket } from 'node:net';
import { Fifo } from '../../domain/session/fifo.js';

/** Connections that begin to be read in one turn of the event loop. Each has a CONNECT, mostly. */
const ARRIVALS_A_TURN = 64;
/** For how long those that have come wait while more come, in milliseconds. */
const ARRIVALS_GATHER_MS = 16;
/** TLS handshakes that begin in one turn of the event loop. Each takes the thread for up to a millisecond (RSA). */
const HANDSHAKES_A_TURN = 8;
/** Connections that are ended in one turn because their peers have. Each takes some twenty microseconds. */
const ENDS_A_TURN = 64;

/** What many connections may ask for at the same moment; of all listeners together. */
export interface ListenerTurns {
  readonly arrivals: SocketTurns;
  readonly handshakes: SocketTurns;
  readonly ends: SocketTurns;
}

export function makeListenerTurns(): ListenerTurns {
  return {
    arrivals: new SocketTurns(ARRIVALS_A_TURN, ARRIVALS_GATHER_MS),
    handshakes: new SocketTurns(HANDSHAKES_A_TURN),
    ends: new SocketTurns(ENDS_A_TURN),
  };
}

/** Does something for a few sockets at a time: for all of them at once it would hold everybody else up. */
export class SocketTurns {
  private readonly waiting = new Fifo<{ readonly socket: Socket; readonly begin: () => void }>();
  private hasNew = false;
  private gatheringSinceMs = 0;

  /**
   * @param atATime For how many sockets in one turn of the event loop.
   * @param gatherMs For how long they wait at most as long as each turn brings another one, in milliseconds.
   * @param nowMs Milliseconds from any moment on.
   */
  constructor(
    private readonly atATime: number,
    private readonly gatherMs = 0,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @param begin Called when it is the turn of this socket, unless that has been destroyed before. */
  take(socket: Socket, begin: () => void): void {
    this.waiting.push({ socket, begin });
    this.hasNew = true;
    if (this.waiting.length > 1) return;
    this.gatheringSinceMs = this.nowMs();
    this.schedule();
  }

  private schedule(): void {
    setImmediate(() => {
      if (!this.isGathering()) this.serve();
      if (this.waiting.length > 0) this.schedule();
    });
  }

  private isGathering(): boolean {
    const { hasNew } = this;
    this.hasNew = false;
    return hasNew && this.nowMs() - this.gatheringSinceMs < this.gatherMs;
  }

  private serve(): void {
    for (let taken = Math.min(this.atATime, this.waiting.length); taken > 0; taken--) {
      const next = this.waiting.shift();
      if (next?.socket.destroyed === false) next.begin();
    }
    this.gatheringSinceMs = this.nowMs();
  }
}
