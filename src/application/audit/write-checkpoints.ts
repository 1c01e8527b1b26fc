import { type Checkpoint, checkpointText } from '../../domain/audit/checkpoint.js';
import type { AuditTrail } from '../ports/audit-trail.js';
import type { CheckpointSigner } from '../ports/checkpoint-signer.js';
import type { CheckpointSink } from '../ports/checkpoint-sink.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';

export interface WriteCheckpointsParts {
  readonly trail: AuditTrail;
  readonly signer: CheckpointSigner;
  readonly sinks: readonly CheckpointSink[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** The name of this broker. */
  readonly node: string;
  /** Looked at each time. */
  readonly pace: {
    /** Records after which a checkpoint is due. */
    readonly everyRecords: number;
    /** Seconds after which one is due if there is a new record. */
    readonly everySeconds: number;
  };
}

/**
 * Signs how far the trail has come, and keeps that outside the database: whoever rewrites the database afterwards can't
 * rewrite this. Only what is committed is signed. What couldn't be kept is tried again, with the newest record.
 */
export class WriteCheckpoints {
  /** The last record that every sink has a checkpoint over. */
  private signed = 0;
  private signedAtMs: number;
  private isFailing = false;
  private isStopped = false;
  /** One is written after another, so that they stand in order. */
  private writing: Promise<void> = Promise.resolve();
  private isWriting = false;
  private stopTicks: () => void = () => undefined;

  private sinks: readonly CheckpointSink[];

  constructor(private readonly parts: WriteCheckpointsParts) {
    this.sinks = parts.sinks;
    this.signedAtMs = parts.clock.nowMs();
  }

  /** From now on, writes when one is due. */
  start(): void {
    const { pace, trail } = this.parts;
    this.tick();
    trail.onCommitted(({ sequence }) => {
      if (sequence - this.signed >= pace.everyRecords && !this.isFailing) this.writeNext();
    });
  }

  /** The pace was set anew. */
  paceChanged(): void {
    this.stopTicks();
    this.tick();
  }

  /** From the next one on checkpoints go to these. Those that they no longer go to are closed. */
  setSinks(sinks: readonly CheckpointSink[]): void {
    const gone = this.sinks.filter((sink) => !sinks.includes(sink));
    this.sinks = sinks;
    void this.writing.then(() => closeAll(gone));
  }

  private tick(): void {
    const { clock, pace } = this.parts;
    this.stopTicks = clock.every(pace.everySeconds * 1000, () => this.writeNext());
  }

  /** Signs what is left and closes the sinks. To be called when nothing more is committed. */
  async stop(): Promise<void> {
    this.stopTicks();
    await this.write();
    this.isStopped = true;
    await closeAll(this.sinks);
  }

  /** Writes a checkpoint over what is committed now. @returns whether this record is under one. */
  async cover(sequence: number): Promise<boolean> {
    await this.write();
    return this.signed >= sequence;
  }

  /** The last record under a checkpoint of this run. */
  get signedSequence(): number {
    return this.signed;
  }

  /** How long the oldest record that no checkpoint covers may have waited, in milliseconds. */
  ageMs(): number {
    const { clock, trail } = this.parts;
    return trail.head.sequence > this.signed ? clock.nowMs() - this.signedAtMs : 0;
  }

  /** What is due while one is written is covered by the next tick, or the next commit. */
  private writeNext(): void {
    if (!this.isWriting) void this.write();
  }

  private write(): Promise<void> {
    this.isWriting = true;
    this.writing = this.writing.then(() => this.writeNow()).finally(() => (this.isWriting = false));
    return this.writing;
  }

  private async writeNow(): Promise<void> {
    const { sinks } = this;
    const { clock, node, signer, trail } = this.parts;
    const { sequence, hash } = trail.head;
    if (this.isStopped || sequence <= this.signed) return;
    const checkpoint: Checkpoint = { node, sequence, hash: hexOf(hash), atMs: clock.nowMs() };
    const signed = { ...checkpoint, key: signer.key, signature: signer.sign(checkpointText(checkpoint)) };
    const outcomes = await Promise.allSettled(sinks.map((sink) => sink.append(signed)));
    const failed = outcomes.findIndex(({ status }) => status === 'rejected');
    if (failed !== -1) {
      this.tellFailure(sinks[failed]?.description ?? '', outcomes[failed]);
      return;
    }
    if (this.isFailing) this.parts.logger.warn('checkpoints of the audit trail are kept again');
    this.isFailing = false;
    this.signed = sequence;
    this.signedAtMs = checkpoint.atMs;
  }

  private tellFailure(where: string, outcome: PromiseSettledResult<void> | undefined): void {
    if (this.isFailing) return;
    this.isFailing = true;
    const reason = outcome?.status === 'rejected' ? String(outcome.reason) : '';
    const message =
      'a checkpoint of the audit trail could not be kept: until it is, later changes of the trail may go unseen';
    this.parts.logger.error(message, { where, reason });
  }
}

async function closeAll(sinks: readonly CheckpointSink[]): Promise<void> {
  for (const sink of sinks) await sink.close();
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
