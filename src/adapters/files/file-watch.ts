import { statSync } from 'node:fs';

/** How often files are looked at, in milliseconds. */
const LOOK_MS = 250;

/**
 * Tells when one of these files is another one, has other content, is gone or is there again, once nothing has changed
 * between two looks: certificate and key are seldom replaced at once. It looks at what the names lead to, so that it
 * sees renames, and links that change at any level, and works on any file system.
 * @param filesOf Which files, at the moment; others than before are a change, too.
 * @returns what ends it.
 */
export function watchFiles(filesOf: () => readonly string[], changed: () => void): () => void {
  let known = stateOf(filesOf());
  let isSettling = false;
  const look = (): void => {
    const state = stateOf(filesOf());
    const isSame = state === known;
    known = state;
    if (isSame && isSettling) changed();
    isSettling = !isSame;
  };
  const timer = setInterval(look, LOOK_MS).unref();
  return () => clearInterval(timer);
}

function stateOf(files: readonly string[]): string {
  return files.map(stateOfFile).join(' ');
}

function stateOfFile(file: string): string {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = statSync(file);
    return [dev, ino, size, mtimeMs, ctimeMs].join(':');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}
