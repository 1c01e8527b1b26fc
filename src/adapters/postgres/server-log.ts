import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs';

/** Bytes of log after which the older part moves to `postgres.log.1`, whose predecessor goes. */
const logBytesMax = 10 * 1024 * 1024;

/** What the operator is shown of it when the server dies, in bytes. */
const tailBytesMax = 2048;

/**
 * Opens the log for the server to append to. The server inherits the open file, so its account needs no right
 * to the path.
 * @returns the descriptor, to be closed by the caller, and the size so far, from where `readTail` reads.
 */
export function openServerLog(path: string): { descriptor: number; startBytes: number } {
  if (existsSync(path) && statSync(path).size > logBytesMax) renameSync(path, `${path}.1`);
  const descriptor = openSync(path, 'a', 0o600);
  return { descriptor, startBytes: fstatSync(descriptor).size };
}

/**
 * Cuts the log of a running server once it has grown past its limit. The server writes in append mode and goes
 * on at the new end; a line written between the copy and the cut is lost.
 */
export function boundServerLog(path: string): void {
  if (!existsSync(path) || statSync(path).size <= logBytesMax) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
}

/** The last lines that the log has gained since it was `startBytes` long; empty where it can't be read. */
export function readTail(path: string, startBytes: number): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const { size } = fstatSync(descriptor);
    const from = Math.max(startBytes > size ? 0 : startBytes, size - tailBytesMax);
    const buffer = Buffer.alloc(size - from);
    const length = readSync(descriptor, buffer, 0, buffer.length, from);
    return buffer.toString('utf8', 0, length).trim();
  } catch {
    return '';
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
