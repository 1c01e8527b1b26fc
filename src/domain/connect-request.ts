import type { Will } from './will/will.js';

/** A well-formed CONNECT, before anything is decided about it. */
export interface ConnectRequest {
  /** May be empty: the client then asks for an id. */
  readonly clientId: string;
  readonly cleanSession: boolean;
  /** Seconds; 0 turns the mechanism off. */
  readonly keepAliveSeconds: number;
  readonly will: Will | undefined;
  readonly userName: string | undefined;
  readonly password: Uint8Array | undefined;
  /** Whether the listener that it came by takes clients without credentials. */
  readonly anonymousAllowed: boolean;
}
