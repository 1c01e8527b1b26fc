import type { ClientId } from '../../domain/client-id.js';
import type { Will } from '../../domain/will/will.js';

/** A will, and whose it is. */
export interface WillRow {
  readonly clientId: ClientId;
  readonly will: Will;
}

/**
 * The wills of connected clients, so that those whom a crash cuts off get theirs published. A will
 * belongs to a connection, and is known by its number.
 */
export interface WillStore {
  /** Resolves when the will is durable. */
  set(connection: number, row: WillRow): Promise<void>;
  /** Removes the will of a connection that ended without publishing it. */
  clear(connection: number): void;
}
