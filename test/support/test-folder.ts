import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for files of a test. */
export interface TestFolder {
  readonly path: string;
  /** @returns the file's whole name. */
  write(name: string, text: string): string;
  remove(): void;
}

/** Makes one among the system's temporary files. */
export function makeFolder(): TestFolder {
  const path = mkdtempSync(join(tmpdir(), 'surety-files-'));
  return {
    path,
    write: (name, text) => {
      writeFileSync(join(path, name), text);
      return join(path, name);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
