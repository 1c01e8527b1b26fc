import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pageScript } from './page-script.js';
import { pagesToRun } from './pages.js';

const PAGE_MS_MAX = 180_000;
/** Pages wait most of the time. */
const AT_ONCE = 2;
const NAMESPACES = ['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child'];

/**
 * Runs the commands of the documentation as its readers would, each page in a throw-away copy of this machine.
 *
 * @param args Pages, such as `docs/backup.md`; without any, all of them.
 * @param root The project's folder.
 * @returns the exit code.
 */
export async function main(args: readonly string[], root: string): Promise<number> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.error('the documentation is run on Linux, as root: each page gets a machine of its own by namespaces');
    return 2;
  }
  const pages = args.length > 0 ? [...args] : pagesToRun(root);
  let failed = 0;
  const worker = async (): Promise<void> => {
    for (let page = pages.shift(); page !== undefined; page = pages.shift()) {
      if (!(await runs(page, root))) failed++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.log(failed === 0 ? 'every page runs as written' : `pages that fail: ${failed}`);
  return failed === 0 ? 0 : 1;
}

async function runs(page: string, root: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'surety-docs-'));
  const script = join(folder, 'page.sh');
  const transcript = join(folder, 'transcript');
  try {
    writeFileSync(script, pageScript(readFileSync(join(root, page), 'utf8')));
    const begunAt = performance.now();
    const code = await runInMachine([page, script, transcript, root.replace(/\/$/, '')], transcript, root);
    const seconds = ((performance.now() - begunAt) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${page} (${seconds} s)`);
    if (code !== 0) console.log(readFileSync(transcript, 'utf8').replace(/^/gm, '    '));
    return code === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns the exit code; null when it took too long. */
function runInMachine(args: readonly string[], transcript: string, root: string): Promise<number | null> {
  const output = openSync(transcript, 'a');
  const child = spawn('unshare', [...NAMESPACES, 'bash', join(root, 'test/docs/machine.sh'), ...args], {
    stdio: ['ignore', output, output],
    timeout: PAGE_MS_MAX,
    killSignal: 'SIGKILL',
  });
  closeSync(output);
  return new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
}
