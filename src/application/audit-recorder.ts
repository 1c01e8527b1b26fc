import type { AuditActor, AuditEvent, AuditKind } from '../domain/audit/audit-event.js';
import { CANARY_LISTENER } from './canary/canary-admission.js';
import { FoldedRefusals, type FoldSettings } from './folded-refusals.js';
import type { AuditTrail } from './ports/audit-trail.js';
import type { Clock } from './ports/clock.js';
import type { Publication } from './publication.js';

/** What there is to say of an event beside who and when. */
export type AuditFacts = Pick<AuditEvent, 'reason' | 'rule' | 'topic' | 'details'>;

/** How often folded refusals are looked at, in milliseconds. */
const FOLD_TICK_MS = 1000;

/** Tells the audit trail what use cases do. */
export class AuditRecorder {
  private readonly refusals: FoldedRefusals;
  /** Undefined while nothing is folded. */
  private stopTicks: (() => void) | undefined;

  constructor(
    private readonly trail: AuditTrail,
    private readonly clock: Clock,
    settings: FoldSettings,
  ) {
    this.refusals = new FoldedRefusals((event) => this.trail.record(event), settings);
  }

  /** Whether it is worth while to tell. */
  get isOn(): boolean {
    return this.trail.isWritten;
  }

  /** Something happens with a publication: it becomes durable in the same transaction. */
  tell(publication: Publication, kind: AuditKind, actor: AuditActor, facts?: AuditFacts): void {
    if (this.isOn) publication.tell(this.event(kind, actor, facts));
  }

  /** An event as of now, for whoever has a change that carries it. */
  event(kind: AuditKind, actor: AuditActor, facts?: AuditFacts): AuditEvent {
    return { kind, atMs: this.clock.nowMs(), ...actor, ...facts };
  }

  /**
   * Something has happened: it becomes durable with what this turn changes, or within a second. What the broker's own
   * test client does as it should is no history; if somebody came its way who may not, that would be told as refused.
   */
  record(kind: AuditKind, actor: AuditActor, facts?: AuditFacts): void {
    if (this.isOn && actor.listener !== CANARY_LISTENER) this.trail.record(this.event(kind, actor, facts));
  }

  /** What was recorded tells of changes that are gathered: what follows may go into another transaction. */
  seal(): void {
    this.trail.seal();
  }

  /** Something happens in this turn, with a change. Resolves when both are durable. */
  commit(kind: AuditKind, actor: AuditActor, facts?: AuditFacts): Promise<void> {
    return this.trail.commit(this.event(kind, actor, facts));
  }

  /** Something that one client can cause again and again: the first is recorded, and those that follow are counted. */
  refused(kind: AuditKind, actor: AuditActor, facts?: AuditFacts, count = 1): void {
    if (!this.isOn) return;
    this.refusals.add(this.event(kind, actor, facts), count);
    this.stopTicks ??= this.clock.every(FOLD_TICK_MS, () => this.sweep());
  }

  /** Records what was counted up to now, and counts no longer. */
  close(): void {
    this.refusals.close();
    this.sweep();
  }

  private sweep(): void {
    this.refusals.sweep(this.clock.nowMs());
    if (!this.refusals.isEmpty) return;
    this.stopTicks?.();
    this.stopTicks = undefined;
  }
}
