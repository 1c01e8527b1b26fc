import { unwatchFile, watchFile } from 'node:fs';

/** How often files are looked at, in milliseconds. */
const LOOK_MS = 250;
/** How long nothing may change before it is told: certificate and key are seldom replaced at once. Milliseconds. */
const SETTLE_MS = 250;

/**
 * Tells when one of these files is another one, has other content, is gone or is there again. It looks at what the
 * names lead to, so that it sees renames, and links that change at any level, and works on any file system.
 * @returns what ends it.
 */
export function watchFiles(files: readonly string[], changed: () => void): () => void {
  let settling: NodeJS.Timeout | undefined;
  const onChange = (): void => {
    clearTimeout(settling);
    settling = setTimeout(changed, SETTLE_MS);
  };
  for (const file of files) watchFile(file, { interval: LOOK_MS, persistent: false }, onChange);
  return () => {
    clearTimeout(settling);
    for (const file of files) unwatchFile(file, onChange);
  };
}
