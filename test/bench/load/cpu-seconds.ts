import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc; 100 on every Linux architecture that Node supports. */
const TICKS_PER_SECOND = 100;

/** CPU seconds that this process has used so far, all threads, user and system. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * CPU seconds that another process and its descendants have used so far (a broker may bring a database server
 * along); undefined where /proc doesn't tell.
 */
export function cpuSecondsOf(pid: number): number | undefined {
  const stats = new Map<number, ProcessStat>();
  try {
    for (const name of readdirSync('/proc')) {
      const stat = /^\d+$/.test(name) ? readStat(name) : undefined;
      if (stat !== undefined) stats.set(Number(name), stat);
    }
  } catch {
    return undefined;
  }
  return stats.has(pid) ? treeSeconds(pid, stats) : undefined;
}

/** CPU seconds that the whole machine has been busy since it started; undefined where /proc doesn't tell. */
export function machineCpuSeconds(): number | undefined {
  try {
    return parseBusySeconds(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return undefined;
  }
}

/** Reads the busy time of all CPUs from /proc/stat: everything but idle, I/O wait and guests. */
export function parseBusySeconds(stat: string): number {
  const line = /^cpu\s+(.*)$/m.exec(stat)?.[1] ?? '';
  const [user, nice, system, , , irq, softirq, steal] = line.split(' ').map(Number);
  const parts = [user, nice, system, irq, softirq, steal];
  return parts.reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) / TICKS_PER_SECOND;
}

/** What a line of /proc/PID/stat tells about a process. */
export interface ProcessStat {
  readonly parent: number;
  /** User and system time of the process and of those of its children that have ended. */
  readonly cpuSeconds: number;
}

/** Reads a line of /proc/PID/stat; the process's name may hold spaces. */
export function parseProcessStat(stat: string): ProcessStat {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND };
}

/** Undefined for a process that has ended meanwhile. */
function readStat(name: string): ProcessStat | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${name}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

function treeSeconds(root: number, stats: ReadonlyMap<number, ProcessStat>): number {
  let seconds = stats.get(root)?.cpuSeconds ?? 0;
  for (const [pid, { parent }] of stats) if (parent === root) seconds += treeSeconds(pid, stats);
  return seconds;
}
