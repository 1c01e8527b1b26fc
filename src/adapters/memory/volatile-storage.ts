import type { SessionStore } from '../../application/ports/session-store.js';
import type { StateSource } from '../../application/ports/state-source.js';
import type { Storage } from '../../application/ports/storage.js';
import { VolatileJournal } from './volatile-journal.js';

const nothing = (): void => undefined;
const done = (): Promise<void> => Promise.resolve();

const SESSIONS: SessionStore = {
  ensure: done,
  leave: nothing,
  delete: nothing,
  subscribe: done,
  replayed: nothing,
  unsubscribe: done,
};
const EMPTY: StateSource = { sessions: noPages, retained: noPages, wills: () => Promise.resolve([]) };

/** With persistence off nothing is kept: everything lives in the broker's memory, and ends with it. */
export const VOLATILE_STORAGE: Storage = {
  journal: new VolatileJournal(),
  backlogReader: undefined,
  sessions: SESSIONS,
  wills: { set: done, clear: nothing },
  source: EMPTY,
  health: { failure: undefined, isFull: false, onFailure: nothing, onRoom: nothing },
  description: 'data in memory (persistence is off), lost at the end',
  figures: () => ({ commits: 0, rowsWritten: 0, rowsElided: 0, pendingBytes: 0 }),
  onSuperseded: nothing,
  stop: done,
};

// eslint-disable-next-line @typescript-eslint/require-await, require-yield
async function* noPages(): AsyncGenerator<never> {
  return;
}
