import { createReadStream, mkdirSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CheckpointLines } from '../../application/ports/checkpoint-lines.js';
import type { CheckpointSink } from '../../application/ports/checkpoint-sink.js';
import { checkpointLine, type SignedCheckpoint } from '../../domain/audit/checkpoint.js';

/**
 * The append-only file of checkpoints, one a line. It is opened for each of them, so that it may be moved away at any
 * time, and each is on disk before `append` resolves.
 */
export class CheckpointFile implements CheckpointSink, CheckpointLines {
  constructor(readonly description: string) {}

  async append(checkpoint: SignedCheckpoint): Promise<void> {
    mkdirSync(dirname(this.description), { recursive: true, mode: 0o750 });
    const file = await open(this.description, 'a+', 0o640);
    try {
      const start = (await endsInLine(file)) ? '' : '\n';
      await file.appendFile(`${start}${checkpointLine(checkpoint)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async close(): Promise<void> {
    // Nothing is held open between two checkpoints.
  }

  /**
   * The lines that are there when this is called, not those that a broker adds while they are read: whoever opens the
   * trail after the call finds in it each record that they vouch for. A last line without an end is still being written.
   */
  lines(): AsyncGenerator<{ number: number; text: string }> {
    return this.linesWithin(statSync(this.description).size);
  }

  private async *linesWithin(bytes: number): AsyncGenerator<{ number: number; text: string }> {
    if (bytes === 0) return;
    const stream = createReadStream(this.description, { encoding: 'utf8', end: bytes - 1 });
    try {
      let number = 0;
      let rest = '';
      for await (const chunk of stream as AsyncIterable<string>) {
        const lines = (rest + chunk).split(/\r?\n/);
        rest = lines.pop() ?? '';
        for (const text of lines) {
          number++;
          if (text !== '') yield { number, text };
        }
      }
    } finally {
      stream.destroy();
    }
  }
}

/** A write that was broken off leaves half a line: the next one must not continue it. */
async function endsInLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === 0x0a;
}
