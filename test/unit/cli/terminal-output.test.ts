import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { terminalOutput } from '../../../src/adapters/cli/terminal-output.js';

/** Takes a text when it is told to, and no more than one ahead. */
class SlowReader extends Writable {
  readonly read: string[] = [];
  private done: ((error?: Error) => void) | undefined;

  constructor() {
    super({ highWaterMark: 1, decodeStrings: false });
  }

  override _write(text: string, _: string, done: (error?: Error) => void): void {
    this.read.push(text);
    this.done = done;
  }

  take(error?: Error): void {
    this.done?.(error);
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('whoever writes waits for whoever reads', async () => {
  const reader = new SlowReader();
  const { stream } = terminalOutput(reader);
  let isDone = false;
  const written = stream('one').finally(() => (isDone = true));
  await settled();
  expect([reader.read, isDone]).toEqual([['one'], false]);
  reader.take();
  expect(await written).toBe(true);
});

test('a reader that goes away is no fault, and ends the writing', async () => {
  const reader = new SlowReader();
  const { stream } = terminalOutput(reader);
  const written = stream('one');
  reader.take(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(await written).toBe(false);
  expect(await stream('two')).toBe(false);
  expect(reader.read).toEqual(['one']);
});

test('any other failure is told', async () => {
  const reader = new SlowReader();
  const { stream } = terminalOutput(reader);
  const written = stream('one');
  reader.take(Object.assign(new Error('disk full'), { code: 'ENOSPC' }));
  await expect(written).rejects.toThrow('disk full');
});
