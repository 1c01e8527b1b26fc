import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inNamespaces } from '../support/namespaces.js';
import { pageScript } from './page-script.js';
import { pagesToRun } from './pages.js';

const PAGE_MS_MAX = 300_000;
/** Pages wait most of the time. */
const AT_ONCE = 2;

/**
 * Runs the commands of the documentation as its readers would, each page in a throw-away copy of this machine.
 *
 * @param args Pages, such as `docs/backup.md`; without any, all of them.
 * @param root The project's folder.
 * @returns the exit code.
 */
export async function main(args: readonly string[], root: string): Promise<number> {
  const run = new DocsRun(resolve(root));
  const endEarly = (): void => process.exit(1);
  process
    .on('exit', () => run.killAll())
    .on('SIGTERM', endEarly)
    .on('SIGINT', endEarly);
  const failed = await run.run(args.length > 0 ? args : pagesToRun(root));
  console.log(failed === 0 ? 'every page runs as written' : `pages that fail: ${failed}`);
  return failed === 0 ? 0 : 1;
}

class DocsRun {
  private readonly machines = new Set<ChildProcess>();

  constructor(private readonly root: string) {}

  /** @returns how many pages fail. */
  async run(pages: readonly string[]): Promise<number> {
    const waiting = [...pages];
    let failed = 0;
    const reader = async (): Promise<void> => {
      for (let page = waiting.shift(); page !== undefined; page = waiting.shift()) {
        if (!(await this.runs(page))) failed++;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, reader));
    return failed;
  }

  killAll(): void {
    for (const machine of this.machines) machine.kill('SIGKILL');
  }

  private async runs(page: string): Promise<boolean> {
    const folder = mkdtempSync(join(tmpdir(), 'surety-docs-'));
    const script = join(folder, 'page.sh');
    const transcript = join(folder, 'transcript');
    try {
      writeFileSync(script, pageScript(readFileSync(join(this.root, page), 'utf8')));
      const begunAt = performance.now();
      const code = await this.runInMachine([page, script, transcript], transcript);
      const seconds = ((performance.now() - begunAt) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${page} (${seconds} s)`);
      if (code !== 0) console.log(readFileSync(transcript, 'utf8').replace(/^/gm, '    '));
      return code === 0;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** @returns the exit code; null when it took too long. */
  private runInMachine(args: readonly string[], transcript: string): Promise<number | null> {
    const script = join(this.root, 'test/docs/machine.sh');
    const [command, words] = inNamespaces(script, [...args, this.root, process.execPath]);
    const output = openSync(transcript, 'a');
    const child = spawn(command, words, {
      stdio: ['ignore', output, output],
      timeout: PAGE_MS_MAX,
      killSignal: 'SIGKILL',
    });
    closeSync(output);
    this.machines.add(child);
    return new Promise((resolve, reject) => {
      child.once('error', reject).once('close', (code) => {
        this.machines.delete(child);
        resolve(code);
      });
    });
  }
}
