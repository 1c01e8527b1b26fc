import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Ends database servers whose files lie somewhere below the directory; a broker that was killed leaves its server
 * behind. The signal makes the server end at once, without writing anything out.
 */
export function endServersBelow(directory: string): void {
  if (!existsSync(directory)) return;
  for (const path of pidFilesBelow(directory)) {
    try {
      const pid = Number(readFileSync(path, 'utf8').split('\n')[0]);
      // The file may be older than the system's current use of the number.
      if (pid > 1 && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres')
        process.kill(pid, 'SIGQUIT');
    } catch {
      // It is gone already.
    }
  }
}

function pidFilesBelow(directory: string): string[] {
  const levels = [directory, ...foldersIn(directory)];
  const candidates = levels.map((folder) => join(folder, 'data', 'postgres', 'postmaster.pid'));
  return candidates.filter((path) => existsSync(path));
}

function foldersIn(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name));
}
