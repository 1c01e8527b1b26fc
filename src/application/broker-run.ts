import type { AuditRecorder } from './audit-recorder.js';
import type { AuditDetails } from '../domain/audit/audit-event.js';
import type { OverflowWatch } from './overflow-watch.js';
import type { AuditTrail } from './ports/audit-trail.js';
import type { RestoredState } from './restore-state.js';

/** What a run of the broker is like. */
export interface RunTraits {
  readonly version: string;
  /** A digest of the configuration, hexadecimal; secrets are no part of it. */
  readonly configuration: string;
  /** What the configuration says that the defaults don't, by key; secrets are no part of it. */
  readonly settings: AuditDetails;
  /** Whether the configuration has the audit trail written. */
  readonly isAudited: boolean;
}

/** Tells the audit trail of the broker itself: its starts, its ends, and what it was told to be. */
export class BrokerRun {
  private hasBegun = false;

  constructor(
    private readonly trail: AuditTrail,
    private readonly audit: AuditRecorder,
    private readonly overflows: OverflowWatch,
    private readonly traits: RunTraits,
  ) {}

  /** Before anything else happens. A trail that isn't to be written ends here, and says so. */
  async begin(): Promise<void> {
    const { version, configuration, isAudited, settings } = this.traits;
    const details = { version, configuration, settings };
    if (!isAudited) return this.trail.close(this.audit.event('audit.disabled', {}, { details }));
    this.hasBegun = true;
    this.audit.record('broker.started', {}, { details });
    const before = this.trail.previousRun?.configuration;
    if (before === undefined || before === configuration) return;
    const keys = this.changedKeys();
    this.audit.record('configuration.changed', {}, { details: { before, after: configuration, ...keys } });
  }

  /** A broker before this version didn't tell its settings. */
  private changedKeys(): { readonly keys?: readonly string[] } {
    const before = this.trail.previousRun?.settings;
    if (before === undefined) return {};
    const after = this.traits.settings;
    const known = new Set([...Object.keys(before), ...Object.keys(after)]);
    return { keys: [...known].filter((key) => before[key] !== after[key]).sort() };
  }

  /** What the run before has left is back in memory. */
  restored(state: RestoredState): void {
    if (this.trail.previousRun?.lastKind !== 'broker.started') return;
    this.audit.record('broker.recovered', {}, { details: { ...state } });
  }

  /** Behind all else. */
  end(): void {
    this.overflows.tell();
    this.audit.close();
    if (this.hasBegun) this.audit.record('broker.stopped', {});
    this.hasBegun = false;
  }
}
