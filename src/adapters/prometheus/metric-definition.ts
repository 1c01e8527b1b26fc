import type { Broker } from '../../application/broker.js';
import type { Storage } from '../../application/ports/storage.js';
import type { MemoryReading } from '../../application/ports/memory-reading.js';

/** Where the values of metrics are read when a scrape asks for them. */
export interface MetricSources {
  readonly version: string;
  readonly broker: Broker;
  readonly storage: Storage;
  readonly limits: LimitsOfInterest;
  /** What each authentication provider has done, by its name. */
  readonly providers: ReadonlyMap<string, ProviderFigures>;
  /** The bans that hold. */
  readonly bans: { readonly size: number };
  readonly memory: { readonly last: MemoryReading };
  /** Undefined where there is no audit trail. */
  readonly audit: AuditFigures | undefined;
  /** Undefined where it is switched off. */
  readonly canary: CanaryFigures | undefined;
  /** Why the broker should get no new connections; undefined when it should. */
  readonly unreadiness: () => string | undefined;
}

/** The limits that dashboards and alerts set a value against. */
export interface LimitsOfInterest {
  readonly connectionsMax: number;
  readonly sessionsMax: number;
  readonly retainedMessagesMax: number;
  readonly retainedBytesMax: number;
  readonly journalBytesMax: number;
}

/** What an authentication provider has done. */
export interface ProviderFigures {
  readonly accepted: number;
  readonly refused: number;
  readonly ignored: number;
  readonly failed: number;
  readonly seconds: HistogramReading;
}

/** How the audit trail is kept outside the database. */
export interface AuditFigures {
  /** How long the oldest record that no checkpoint covers has waited. */
  checkpointAgeMs(): number;
  /** The last record under a checkpoint. */
  signedSequence(): number;
  /** Checkpoints that were given up because the syslog server was away. */
  syslogDropped(): number;
}

/** How the broker's own test connection fares. */
export interface CanaryFigures {
  readonly seconds: HistogramReading;
  /** Rounds that failed, by the step at which they did. */
  readonly failures: Readonly<Record<string, number>>;
}

/** One value, with the values of the metric's labels in their order. */
export type Sample = readonly [...labels: string[], value: number];

/** How many values were in each bucket of a histogram, and their sum. */
export interface HistogramReading {
  /** The highest value of each bucket but the last, which has none. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** One histogram of several, with the values of the metric's labels in their order. */
export type HistogramSample = readonly [...labels: string[], value: HistogramReading];

interface MetricTraits {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** A metric whose values are plain fields until a scrape asks for them. */
export type MetricDefinition =
  | (MetricTraits & {
      readonly type: 'counter' | 'gauge';
      /** A number alone, where there are no labels. */
      readonly read: (sources: MetricSources) => number | Iterable<Sample>;
    })
  | (MetricTraits & {
      readonly type: 'histogram';
      /** A reading alone, where there are no labels. */
      readonly read: (sources: MetricSources) => HistogramReading | Iterable<HistogramSample>;
    });

/** Values by the quality of service that is their index. */
export function byQos(values: readonly number[]): Sample[] {
  return values.map((value, qos) => [String(qos), value]);
}
