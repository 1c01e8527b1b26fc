import { checkpointText, parseCheckpoint, type SignedCheckpoint } from '../../domain/audit/checkpoint.js';
import type { TrailFault } from '../../domain/audit/trail-fault.js';
import type { CheckpointLines } from '../ports/checkpoint-lines.js';
import type { SignatureVerifier } from '../ports/checkpoint-signer.js';

/** Two checkpoints, of which the later one is about an earlier record. */
export interface SetBack {
  readonly from: number;
  readonly to: number;
  /** Names the line of the later one. */
  readonly where: string;
}

/** Reads checkpoints in step with the records that they are about, so that neither has to fit in memory. */
export class CheckpointCursor {
  /** Lines that are no checkpoints, as a write that was broken off leaves them. */
  torn = 0;
  /** The first checkpoint that can't be trusted; none is read after it. */
  fault: TrailFault | undefined;
  /** Where the broker itself has begun anew behind what it had signed; nothing is read after that either. */
  setBack: SetBack | undefined;
  private readonly lines: AsyncIterator<{ readonly number: number; readonly text: string }>;
  private next: SignedCheckpoint | undefined;
  private isAtEnd = false;
  private last: Pick<SignedCheckpoint, 'sequence' | 'atMs'> = { sequence: 0, atMs: -Infinity };

  constructor(
    private readonly source: CheckpointLines,
    private readonly keys: SignatureVerifier,
  ) {
    this.lines = source.lines()[Symbol.asyncIterator]();
  }

  /** The checkpoints not yet read that are about records up to this one. */
  async readThrough(sequence: number): Promise<SignedCheckpoint[]> {
    const found: SignedCheckpoint[] = [];
    for (
      let next = await this.peek();
      next !== undefined && next.sequence <= sequence;
      next = await this.peek()
    ) {
      found.push(next);
      this.next = undefined;
    }
    return found;
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    await this.lines.return?.();
  }

  private async peek(): Promise<SignedCheckpoint | undefined> {
    while (this.next === undefined && !this.isAtEnd) {
      const line = await this.lines.next();
      if (line.done === true) this.isAtEnd = true;
      else this.next = this.trusted(line.value.number, line.value.text);
    }
    return this.next;
  }

  private trusted(line: number, text: string): SignedCheckpoint | undefined {
    const checkpoint = parseCheckpoint(text);
    if (checkpoint === undefined) {
      this.torn++;
      return undefined;
    }
    const { atMs, sequence } = checkpoint;
    const why = this.distrust(checkpoint);
    if (why === undefined && sequence >= this.last.sequence) {
      this.last = checkpoint;
      return checkpoint;
    }
    this.isAtEnd = true;
    const where = `line ${line} of ${this.source.description}`;
    if (why === undefined && atMs > this.last.atMs) {
      this.setBack = { from: this.last.sequence, to: sequence, where };
      return undefined;
    }
    const goesBack = `goes back behind the one over record ${this.last.sequence}, and is no newer: the file was changed`;
    const message = `the checkpoint over record ${sequence} in ${where} ${why ?? goesBack}`;
    this.fault = { kind: 'forged', sequence, message };
    return undefined;
  }

  private distrust(checkpoint: SignedCheckpoint): string | undefined {
    const { key, signature } = checkpoint;
    switch (this.keys.verify(key, checkpointText(checkpoint), signature)) {
      case 'unknown-key':
        return `was signed with the key ${key}, which is not among the public keys given`;
      case 'invalid':
        return 'does not bear the signature of its key: it was changed or made by somebody else';
      case 'valid':
        return undefined;
    }
  }
}
