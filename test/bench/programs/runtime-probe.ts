import { writeFileSync } from 'node:fs';
import {
  constants,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks';
import process from 'node:process';

/**
 * Loaded into a broker before its own program: notes each pause for garbage collection and, each tenth of a second, the
 * longest time for which the event loop was held up. At the process's end all of it is written to the file that
 * BENCH_PROBE_FILE names, as pairs of the time (milliseconds since the epoch) and what was found.
 */
const RESOLUTION_MS = 2;
const LOOK_EVERY_MS = 100;
const NAMES = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak'],
]);

const path = process.env['BENCH_PROBE_FILE'];
const collections: [atMs: number, kind: string, ms: number][] = [];
const delays: [atMs: number, ms: number][] = [];

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { startTime, duration } = entry;
    const { kind } = (entry as PerformanceEntry & { readonly detail: { readonly kind: number } }).detail;
    collections.push([performance.timeOrigin + startTime, NAMES.get(kind) ?? 'other', duration]);
  }
}).observe({ entryTypes: ['gc'] });

const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
loop.enable();
setInterval(() => {
  delays.push([Date.now(), Math.max(0, loop.max / 1e6 - RESOLUTION_MS)]);
  loop.reset();
}, LOOK_EVERY_MS).unref();

process.on('exit', () => {
  if (path !== undefined) writeFileSync(path, JSON.stringify({ collections, delays }));
});
