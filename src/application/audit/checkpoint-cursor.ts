import { checkpointText, parseCheckpoint, type SignedCheckpoint } from '../../domain/audit/checkpoint.js';
import type { TrailFault } from '../../domain/audit/trail-fault.js';
import type { CheckpointLines } from '../ports/checkpoint-lines.js';
import type { SignatureVerifier } from '../ports/checkpoint-signer.js';

/** Reads checkpoints in step with the records that they are about, so that neither has to fit in memory. */
export class CheckpointCursor {
  /** Lines that are no checkpoints, as a write that was broken off leaves them. */
  torn = 0;
  /** The first checkpoint that can't be trusted; none is read after it. */
  fault: TrailFault | undefined;
  private readonly lines: AsyncIterator<{ readonly number: number; readonly text: string }>;
  private next: SignedCheckpoint | undefined;
  private isAtEnd = false;
  private lastSequence = 0;

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
    const why = this.distrust(checkpoint);
    if (why === undefined) {
      this.lastSequence = checkpoint.sequence;
      return checkpoint;
    }
    this.isAtEnd = true;
    const { sequence } = checkpoint;
    const message = `the checkpoint over record ${sequence} in line ${line} of ${this.source.description} ${why}`;
    this.fault = { kind: 'forged', sequence, message };
    return undefined;
  }

  private distrust(checkpoint: SignedCheckpoint): string | undefined {
    const { key, sequence, signature } = checkpoint;
    switch (this.keys.verify(key, checkpointText(checkpoint), signature)) {
      case 'unknown-key':
        return `was signed with the key ${key}, which is not among the public keys given`;
      case 'invalid':
        return 'does not bear the signature of its key: it was changed or made by somebody else';
      case 'valid':
        if (sequence >= this.lastSequence) return undefined;
        return `goes back behind the one over record ${this.lastSequence}: the database was set back, or the file changed`;
    }
  }
}
