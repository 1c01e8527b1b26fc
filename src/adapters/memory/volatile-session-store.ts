import type { SessionStore } from '../../application/ports/session-store.js';

/** Keeps nothing: with persistence off, sessions live in the broker's memory alone. */
export class VolatileSessionStore implements SessionStore {
  create(): Promise<void> {
    return Promise.resolve();
  }

  delete(): Promise<void> {
    return Promise.resolve();
  }

  subscribe(): Promise<void> {
    return Promise.resolve();
  }

  unsubscribe(): Promise<void> {
    return Promise.resolve();
  }
}
