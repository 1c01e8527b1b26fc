import { NodeDigest } from '../../src/adapters/crypto/node-digest.js';
import type { AuditHead, AuditTrail, PreviousRun } from '../../src/application/ports/audit-trail.js';
import { GENESIS_HASH } from '../../src/domain/audit/audit-chain.js';
import type { AuditEvent, AuditKind } from '../../src/domain/audit/audit-event.js';
import { MessageLog } from '../../src/domain/audit/message-log.js';
import type { Outcome } from '../../src/domain/audit/receiver-trace.js';

/** An audit trail that only keeps what it is told, in order. */
export class FakeTrail implements AuditTrail {
  isWritten = true;
  head: AuditHead = { sequence: 0, hash: GENESIS_HASH };
  readonly events: AuditEvent[] = [];
  readonly messages = new MessageLog(new NodeDigest().payloads());
  /** What became of messages after they were told. */
  readonly outcomes: (Outcome & { readonly kind: string; readonly reason?: string })[] = [];
  /** How many events there were each time that a transaction might end. */
  readonly seals: number[] = [];

  readonly previousRun: PreviousRun | undefined;

  constructor(previousRun?: PreviousRun) {
    this.previousRun = previousRun;
  }

  /** What was told of a kind. */
  of(kind: AuditKind): AuditEvent[] {
    return this.events.filter((event) => event.kind === kind);
  }

  record(event: AuditEvent): void {
    if (this.isWritten) this.events.push(event);
  }

  published(): void {
    // Tests look at the log.
  }

  delivered(outcome: Outcome): void {
    this.outcomes.push({ kind: 'delivered', ...outcome });
  }

  acknowledged(outcome: Outcome): void {
    this.outcomes.push({ kind: 'acknowledged', ...outcome });
  }

  dropped(outcome: Outcome): void {
    this.outcomes.push({ kind: 'dropped', ...outcome });
  }

  seal(): void {
    this.seals.push(this.events.length);
  }

  commit(event: AuditEvent): Promise<void> {
    this.record(event);
    return Promise.resolve();
  }

  close(last: AuditEvent): Promise<void> {
    if (this.previousRun?.lastKind !== 'audit.disabled') this.record(last);
    this.isWritten = false;
    return Promise.resolve();
  }

  onCommitted(): void {
    // Nothing is ever committed.
  }
}
