import type { WillRow, WillStore } from '../../application/ports/will-store.js';
import type { GroupCommit } from './journal/group-commit.js';

/** The wills of connected clients in PostgreSQL, by way of the group commit. */
export class PostgresWillStore implements WillStore {
  constructor(private readonly commit: GroupCommit) {}

  set(connection: number, row: WillRow): Promise<void> {
    this.commit.changes.wills.set(connection, row);
    return new Promise((resolve) => {
      this.commit.changes.await(resolve);
      this.commit.changed();
    });
  }

  clear(connection: number): void {
    this.commit.changes.wills.set(connection, undefined);
    this.commit.changed();
  }
}
