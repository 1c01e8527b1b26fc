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

/** Keeps what it is written; a terminal, or not. */
class Screen extends Writable {
  shown = '';

  constructor(readonly isTTY: boolean) {
    super({ decodeStrings: false });
  }

  override _write(text: string | Buffer, _: string, done: () => void): void {
    this.shown += text.toString();
    done();
  }
}

/** A client id that clears the screen, sets the title, rings, and turns the reading order round. */
const HOSTILE = 'a\u001b[2J\u009b2J\u001b]0;x\u0007\r\u202eb\tc\n';
const HARMLESS = 'a\\u001b[2J\\u009b2J\\u001b]0;x\\u0007\\u000d\\u202eb\tc\n';

test('no text drives a terminal, by whatever way it comes, and a file gets it as it is', async () => {
  for (const isTTY of [true, false]) {
    const [out, err] = [new Screen(isTTY), new Screen(isTTY)];
    const output = terminalOutput(out, err);
    output.out(HOSTILE);
    output.bytes(Buffer.from(HOSTILE));
    await output.stream(HOSTILE);
    output.err(HOSTILE);
    const shown = isTTY ? HARMLESS : HOSTILE;
    expect([out.shown, err.shown]).toEqual([shown.repeat(3), shown]);
  }
});

test('a screen takes the place of what was shown on a terminal alone', async () => {
  for (const isTTY of [true, false]) {
    const out = new Screen(isTTY);
    await terminalOutput(out).screen(HOSTILE);
    expect(out.shown).toBe(isTTY ? `\u001b[H\u001b[J${HARMLESS}` : HOSTILE);
  }
});

test('JSON that is shown on a terminal still says the same', () => {
  const out = new Screen(true);
  terminalOutput(out).out(JSON.stringify({ clientId: HOSTILE }));
  expect(JSON.parse(out.shown)).toEqual({ clientId: HOSTILE });
});

test('what is written once the reader has gone is let go', async () => {
  const reader = new SlowReader();
  const output = terminalOutput(reader);
  output.out('one');
  reader.take(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  await settled();
  output.out('two');
  output.bytes(Buffer.from('three'));
  expect([reader.read, await output.screen('four')]).toEqual([['one'], false]);
});
