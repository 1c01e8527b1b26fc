import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc; 100 on every Linux architecture that Node supports. */
const TICKS_PER_SECOND = 100;

/** CPU seconds that this process has used so far, all threads, user and system. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU seconds that another process has used so far; undefined where /proc doesn't tell. */
export function cpuSecondsOf(pid: number): number | undefined {
  try {
    return parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
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

/** Reads user and system time from a line of /proc/PID/stat; the process's name may hold spaces. */
export function parseCpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
