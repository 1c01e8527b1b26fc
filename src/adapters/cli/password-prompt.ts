import { createInterface } from 'node:readline';
import type { ReadStream } from 'node:tty';
import { Writable } from 'node:stream';

/**
 * Asks for a new password: twice on a terminal, where it isn't seen; else it is the first line of what is piped in.
 * @throws Error when there is none, or the two differ.
 */
export async function askPassword(input: ReadStream | NodeJS.ReadStream, prompts: Writable): Promise<string> {
  const first = await askOnce('Password: ', input, prompts);
  if (first === '') throw new Error('the password is empty');
  if (input.isTTY && (await askOnce('Again: ', input, prompts)) !== first)
    throw new Error('the two passwords differ: nothing was changed');
  return first;
}

function askOnce(question: string, input: NodeJS.ReadStream, prompts: Writable): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const { isTTY } = input;
  if (isTTY) prompts.write(question);
  const reader = createInterface({ input, output: silent, terminal: isTTY });
  return new Promise((resolve, reject) => {
    let line: string | undefined;
    reader.once('line', (text) => {
      line = text;
      reader.close();
    });
    reader.once('SIGINT', () => reader.close());
    reader.once('close', () => {
      if (isTTY) prompts.write('\n');
      if (line === undefined) reject(new Error('no password was given: nothing was changed'));
      else resolve(line);
    });
  });
}
