import type { AuditTrail } from '../../application/ports/audit-trail.js';
import type { SessionStore } from '../../application/ports/session-store.js';
import type { StateSource } from '../../application/ports/state-source.js';
import { noFigures, type Storage } from '../../application/ports/storage.js';
import { GENESIS_HASH } from '../../domain/audit/audit-chain.js';
import { MessageLog } from '../../domain/audit/message-log.js';
import { VolatileJournal } from './volatile-journal.js';

const nothing = (): void => undefined;
const done = (): Promise<void> => Promise.resolve();

let lastKey = 0;

const SESSIONS: SessionStore = {
  newKey: () => ++lastKey,
  ensure: done,
  leave: nothing,
  delete: nothing,
  subscribe: done,
  replayed: nothing,
  unsubscribe: done,
};
const EMPTY: StateSource = { sessions: noPages, retained: noPages, wills: () => Promise.resolve([]) };

/** Nothing is kept, so there is nothing to trust in. */
const NO_TRAIL: AuditTrail = {
  isWritten: false,
  head: { sequence: 0, hash: GENESIS_HASH },
  previousRun: undefined,
  record: nothing,
  messages: new MessageLog({ add: nothing, take: () => '' }),
  published: nothing,
  delivered: nothing,
  acknowledged: nothing,
  dropped: nothing,
  seal: nothing,
  commit: done,
  close: done,
  onCommitted: nothing,
};

/** With persistence off nothing is kept: everything lives in the broker's memory, and ends with it. */
export const VOLATILE_STORAGE: Storage = {
  journal: new VolatileJournal(),
  backlogReader: undefined,
  sessions: SESSIONS,
  wills: { set: done, clear: nothing },
  source: EMPTY,
  health: { failure: undefined, isFull: false, isTrailFull: false, onFailure: nothing, onRoom: nothing },
  trail: NO_TRAIL,
  roles: undefined,
  bans: {
    load: () => Promise.resolve([]),
    add: done,
    remove: () => Promise.resolve(false),
    onChanged: nothing,
  },
  users: undefined,
  userDirectory: undefined,
  roleDirectory: undefined,
  adminInbox: undefined,
  description: 'data in memory (persistence is off), lost at the end',
  figures: noFigures,
  onSuperseded: nothing,
  stop: done,
};

// eslint-disable-next-line @typescript-eslint/require-await, require-yield
async function* noPages(): AsyncGenerator<never> {
  return;
}
