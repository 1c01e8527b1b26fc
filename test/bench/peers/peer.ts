import type { ChildPool } from '../child-pool.js';
import type { BrokerSettings } from '../scenario.js';
import type { Transport } from '../transport.js';

/** Where and how a peer is to run. */
export interface PeerContext {
  readonly pool: ChildPool;
  /** An empty directory of this start's own. */
  readonly directory: string;
  readonly transport: Transport;
  /** The CPU that the broker is held to; undefined: any. */
  readonly cpu: number | undefined;
}

/** A peer that accepts connections on 127.0.0.1. */
export interface RunningPeer {
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from the start of its process until it said, or showed, that it was ready. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** A broker that can be started for a measurement, or another thing to compare with. */
export interface Peer {
  readonly name: string;
  /** Its version; throws an Error that says why when it can't be run here. */
  version(): string;
  /**
   * Absent where there is nothing to drive a load against.
   * @throws Error when it isn't ready in time.
   */
  start?(context: PeerContext, settings: BrokerSettings): Promise<RunningPeer>;
}
