import type { LoadFlags } from './load/load-options.js';

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
  /** Lines that are added to its configuration file. */
  readonly configLines?: readonly string[];
}

/** One load, driven against each peer, and what of it is reported. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Flags of the load generator, but for host, port and times. */
  readonly load: LoadFlags;
  readonly figures: readonly Figure[];
  /** Settings by the peer's name; peers without an entry run with their benchmark defaults. */
  readonly settings?: Readonly<Record<string, BrokerSettings>>;
}

/** A bound on the ratio of the subject's median to a reference's. */
export interface Minimum {
  readonly scenario: string;
  readonly figure: string;
  readonly reference: string;
  /** The ratio may not be lower. */
  readonly ratioMin?: number;
  /** The ratio may not be higher. */
  readonly ratioMax?: number;
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
