import type { LoadOutcome } from './load-driver.js';
import type { Peer } from './peers/peer.js';
import type { Scenario } from './scenario.js';
import type { BenchContext } from './suite-run.js';

/** What a procedure measures, and with what. */
export interface ProcedureContext extends BenchContext {
  /** An empty directory of this measurement's own, removed afterwards. */
  readonly directory: string;
  readonly scenario: Scenario;
  readonly peer: Peer;
}

/**
 * Measures one peer once, in a way of its own.
 * @throws Error when something can't be measured; that counts as a failure of the peer.
 */
export type Procedure = (context: ProcedureContext) => Promise<LoadOutcome>;
