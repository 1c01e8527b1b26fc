import type { AuditHead } from '../../domain/audit/audit-chain.js';
import type { AuditDetails, AuditEvent } from '../../domain/audit/audit-event.js';
import type { MessageLog } from '../../domain/audit/message-log.js';
import type { DroppedOutcome, Outcome } from '../../domain/audit/receiver-trace.js';

export type { AuditHead };

/** How the run before this one has ended, as far as the trail tells. */
export interface PreviousRun {
  /** What it said last of itself. */
  readonly lastKind: 'broker.started' | 'broker.stopped' | 'audit.disabled';
  /** The digest of the configuration that it started with. */
  readonly configuration: string | undefined;
  /** What that configuration said by key, if the run told. */
  readonly settings?: AuditDetails | undefined;
}

/**
 * The record of what happened, each entry chained to the one before it.
 *
 * An event that tells of a change to sessions or subscriptions is recorded in the same turn in which the change is
 * gathered: both then become durable in one transaction. Publications and the end of a session carry their events
 * with them, because they may have to wait for what was gathered before them.
 */
export interface AuditTrail {
  /** Whether events are written; else they are let go. */
  readonly isWritten: boolean;
  /** The last record that is durable. */
  readonly head: AuditHead;
  /** Undefined when no broker has written to it. */
  readonly previousRun: PreviousRun | undefined;
  /** Nobody waits: the event becomes durable with the next commit, which comes within a second. */
  record(event: AuditEvent): void;
  /** The messages that are followed and aren't told yet: what has become of them by then is part of what is told. */
  readonly messages: MessageLog;
  /** A message of the log has no journal entry: it is told with the next commit, which comes within a second. */
  published(): void;
  /** What became of messages that have been told: durable together with the change to what the receiver is owed. */
  delivered(outcome: Outcome): void;
  acknowledged(outcome: Outcome): void;
  dropped(outcome: DroppedOutcome): void;
  /**
   * Whoever changes much in one turn says here that what it has told tells of changes that were gathered too: what
   * follows may go into another transaction, so that none gets too large.
   */
  seal(): void;
  /** Resolves when the event is durable. */
  commit(event: AuditEvent): Promise<void>;
  /** Has this event be the last, unless the run before has ended the trail already: those that follow are let go. */
  close(last: AuditEvent): Promise<void>;
  /** Calls the listener after each commit that has added to the trail. */
  onCommitted(listener: (head: AuditHead) => void): void;
}
