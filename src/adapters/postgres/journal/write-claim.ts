import type { Sql } from '../connect.js';

/** The claim to be the one broker that writes, and the connection that carries it. */
export interface WriteClaim {
  /** Calls the listener once, when the connection ended without our doing. */
  onLost(listener: () => void): void;
  readonly isHeld: boolean;
  readonly sql: Sql;
  release(): Promise<void>;
}
