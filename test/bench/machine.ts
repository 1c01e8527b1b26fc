import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';

/** Where the figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
}

/** The CPUs of their own that broker and load generator are held to. */
export interface Pinning {
  readonly broker: number;
  readonly load: number;
}

/** Describes the machine this runs on. */
export function describeMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
  };
}

/** The first two CPUs that this process may use; undefined without `taskset` or with fewer than two. */
export function choosePinning(): Pinning | undefined {
  if (spawnSync('taskset', ['--version'], { timeout: 5_000 }).status !== 0) return undefined;
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    const [broker, load] = parseCpuList(list);
    return broker === undefined || load === undefined ? undefined : { broker, load };
  } catch {
    return undefined;
  }
}

/** Reads a list of CPUs as Linux writes it: `0-3,8` is 0, 1, 2, 3 and 8. */
export function parseCpuList(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first, last] = range.split('-').map(Number);
    if (first === undefined || Number.isNaN(first) || range === '') return [];
    return Array.from({ length: (last ?? first) - first + 1 }, (_, i) => first + i);
  });
}

/** The commit that is checked out, with a plus when files differ from it; undefined without git. */
export function commitOf(rootDirectory: string): string | undefined {
  const git = (...args: string[]): string | undefined => {
    const { status, stdout } = spawnSync('git', args, {
      cwd: rootDirectory,
      encoding: 'utf8',
      timeout: 5_000,
    });
    return status === 0 ? stdout.trim() : undefined;
  };
  const commit = git('rev-parse', '--short', 'HEAD');
  if (commit === undefined) return undefined;
  return git('status', '--porcelain') === '' ? commit : `${commit}+`;
}
