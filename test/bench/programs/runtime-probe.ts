import { openSync, readSync, writeFileSync } from 'node:fs';
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import process from 'node:process';

/**
 * Loaded into a broker before its own program: notes each pause for garbage collection, and each time that the event loop
 * was held up. At the process's end all of it is written to the file that BENCH_PROBE_FILE names, as lists of when it began
 * (milliseconds since the epoch) and what was found.
 *
 * The event loop is also late when other threads and programs have the processor. The kernel counts for how long a thread
 * was ready and had to wait for one: what is left of a delay without that is the broker's own.
 */
const RESOLUTION_MS = 2;
/** Delays below it aren't noted. */
const DELAY_MS_MIN = 0.5;
const NAMES = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak'],
]);

const path = process.env['BENCH_PROBE_FILE'];
const collections: [atMs: number, kind: string, ms: number][] = [];
const delays: [atMs: number, ms: number, waitedMs: number][] = [];

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { startTime, duration } = entry;
    const { kind } = (entry as PerformanceEntry & { readonly detail: { readonly kind: number } }).detail;
    collections.push([performance.timeOrigin + startTime, NAMES.get(kind) ?? 'other', duration]);
  }
}).observe({ entryTypes: ['gc'] });

/** For how long the main thread has waited for a processor so far, in milliseconds; stays 0 where no kernel tells. */
const waitedMs = ((): (() => number) => {
  try {
    const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
    const bytes = Buffer.alloc(100);
    return () => {
      const length = readSync(file, bytes, 0, bytes.length, 0);
      return Number(bytes.toString('latin1', 0, length).split(' ')[1]) / 1e6;
    };
  } catch {
    return () => 0;
  }
})();

let last = { atMs: performance.now(), waitedMs: waitedMs() };
setInterval(() => {
  const now = { atMs: performance.now(), waitedMs: waitedMs() };
  const ms = now.atMs - last.atMs - RESOLUTION_MS;
  const dueMs = performance.timeOrigin + last.atMs + RESOLUTION_MS;
  if (ms >= DELAY_MS_MIN) delays.push([dueMs, ms, now.waitedMs - last.waitedMs]);
  last = now;
}, RESOLUTION_MS).unref();

process.on('exit', () => {
  if (path !== undefined) writeFileSync(path, JSON.stringify({ collections, delays }));
});
