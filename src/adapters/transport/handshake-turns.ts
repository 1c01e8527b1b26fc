import type { Socket } from 'node:net';

/**
 * TLS handshakes that begin in one turn of the event loop, of all listeners. Each takes the thread for up to a
 * millisecond (RSA), when its first bytes are looked at.
 */
const A_TURN_MAX = 8;

/** Lets handshakes begin a few at a time: a storm of them would hold everybody up who is in already. */
export class HandshakeTurns {
  private waiting: { readonly socket: Socket; readonly begin: () => void }[] = [];

  /** @param begin Called when it is the turn of this connection, unless that has ended before. */
  take(socket: Socket, begin: () => void): void {
    this.waiting.push({ socket, begin });
    if (this.waiting.length === 1) this.schedule();
  }

  private schedule(): void {
    setImmediate(() => {
      const begun = this.waiting.slice(0, A_TURN_MAX);
      this.waiting = this.waiting.slice(A_TURN_MAX);
      for (const { socket, begin } of begun) if (!socket.destroyed) begin();
      if (this.waiting.length > 0) this.schedule();
    });
  }
}
