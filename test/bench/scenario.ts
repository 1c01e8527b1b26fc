import type { LoadFlags } from './load/load-options.js';
import type { Procedure } from './procedure.js';
import type { Transport } from './transport.js';

/** A number that the load generator reports under `key`. */
export interface Figure {
  /** Its key in the load generator's line. */
  readonly key: string;
  readonly label: string;
  readonly digits: number;
  /** Whether peers are compared by it. */
  readonly isCompared: boolean;
}

/** What a peer is started with; each peer says what it does with them. */
export interface BrokerSettings {
  readonly env?: Readonly<Record<string, string>>;
  /** Lines that are added to its configuration file; DIRECTORY in them is one that the peer may write to. */
  readonly configLines?: readonly string[];
}

/** One load, driven against each peer, and what of it is reported. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Flags of the load generator, but for host and port; times in them go before those of the command line. */
  readonly load: LoadFlags;
  readonly figures: readonly Figure[];
  /** What carries it; TCP when absent. */
  readonly transport?: Transport;
  /** Settings by the peer's name; peers without an entry run with their benchmark defaults. */
  readonly settings?: Readonly<Record<string, BrokerSettings>>;
  /** The peers that take part; all of the suite's when absent. */
  readonly peers?: readonly string[];
  /** Measurements of each peer; as the suite says when absent. */
  readonly rounds?: number;
  /** By the peer's name: measures in a way of its own, where one load against a fresh broker doesn't do. */
  readonly procedures?: Readonly<Record<string, Procedure>>;
}

/** A bound on the subject's median, or on its ratio to a reference's. */
export interface Minimum {
  readonly scenario: string;
  readonly figure: string;
  /** The peer whose median divides the subject's; the bounds are on the subject's own median when absent. */
  readonly reference?: string;
  /** The ratio, or the median, may not be lower. */
  readonly min?: number;
  /** The ratio, or the median, may not be higher. */
  readonly max?: number;
}

/** Scenarios that are run together, and what must come out of them. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  /** The peer whose figures are divided by those of the others. */
  readonly subject: string;
  /** Names of the peers, in the order in which each round runs them. */
  readonly peers: readonly string[];
  readonly scenarios: readonly Scenario[];
  readonly minimums: readonly Minimum[];
  /** Whether broker and load generator are held to a CPU each; brokers with a database beside them are not. */
  readonly isPinned: boolean;
  /** Measurements of each peer in each scenario, when the command line doesn't say. */
  readonly rounds: number;
  /** Seconds of a measurement, when the command line doesn't say. */
  readonly measureSeconds: number;
}

/** What one run of the load generator against one peer gave. */
export interface Measurement {
  readonly scenario: string;
  readonly peer: string;
  readonly round: number;
  /** The numbers of the load generator's line; empty when it failed. */
  readonly values: Readonly<Record<string, number>>;
  /** Why there are no numbers, or that messages were lost. */
  readonly failure?: string | undefined;
}
