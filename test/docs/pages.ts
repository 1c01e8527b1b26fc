import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Made from the commands themselves: their examples are checked word for word, and run by nobody. */
const GENERATED = ['docs/command-line.md'];

/** The pages of the documentation, as paths below the project's folder. */
export function allPages(root: string): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`)];
}

/** Those that have commands to run. */
export function pagesToRun(root: string): string[] {
  const hasCommands = (page: string): boolean =>
    /^ *```(sh|sh background|sql)$/m.test(readFileSync(join(root, page), 'utf8'));
  return allPages(root).filter((page) => !GENERATED.includes(page) && hasCommands(page));
}
