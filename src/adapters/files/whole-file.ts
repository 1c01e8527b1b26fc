import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file that is never seen in part under its name, not even after a crash: whoever reads meanwhile finds the old one
 * or the new one.
 * @param mode Who may read and write it. @throws Error of the system; the old file stays then.
 */
export function writeWhole(file: string, text: string, mode: number): void {
  const unfinished = `${file}.new`;
  rmSync(unfinished, { force: true });
  try {
    write(openSync(unfinished, 'wx', mode), text);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  // The new name is durable only with the folder that it stands in.
  sync(openSync(dirname(file), 'r'));
}

function write(descriptor: number, text: string): void {
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function sync(descriptor: number): void {
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
