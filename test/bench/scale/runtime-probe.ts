import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** When something was measured, in milliseconds since the epoch. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

type Collection = readonly [atMs: number, kind: string, ms: number];
type Delay = readonly [atMs: number, ms: number, waitedMs: number];

interface Notes {
  readonly collections: readonly Collection[];
  readonly delays: readonly Delay[];
}

/** The environment of a broker that is looked into by `readProbe` once it has ended. */
export function probeEnvironment(directory: string): Record<string, string> {
  const hook = new URL('../programs/runtime-probe.js', import.meta.url).href;
  return { NODE_OPTIONS: `--import ${hook}`, BENCH_PROBE_FILE: fileIn(directory) };
}

/**
 * What the probe in a broker has seen in a time, in milliseconds: how long its event loop was held up at most; the same
 * without waiting for a processor that others had; and without garbage collection either, which leaves what its own code
 * took. Then the collections by kind, counted, with the longest of each. A collection that had to wait for a processor
 * counts as both.
 * @throws Error when the broker has left no notes.
 */
export function readProbe(directory: string, { fromMs, toMs }: TimeSpan): Record<string, number> {
  const file = fileIn(directory);
  if (!existsSync(file)) throw new Error('the probe in the broker has left no notes');
  const notes = JSON.parse(readFileSync(file, 'utf8')) as Notes;
  const isWithin = ([atMs]: Collection | Delay): boolean => atMs >= fromMs && atMs <= toMs;
  const delays = notes.delays.filter(isWithin);
  const collections = notes.collections.filter(isWithin);
  const values: Record<string, number> = {
    loop_ms_max: longest(delays.map(([, ms]) => ms)),
    loop_own_ms_max: longest(delays.map(([, ms, waitedMs]) => ms - waitedMs)),
    loop_code_ms_max: longest(delays.map((delay) => codeMs(delay, collections))),
  };
  for (const kind of ['minor', 'major', 'incremental']) {
    const ofKind = collections.filter(([, name]) => name === kind).map(([, , ms]) => ms);
    values[`gc_${kind}`] = ofKind.length;
    values[`gc_${kind}_ms_max`] = longest(ofKind);
  }
  return values;
}

/** What is left of a delay without waiting for a processor, and without the collections within it. */
function codeMs([atMs, ms, waitedMs]: Delay, collections: readonly Collection[]): number {
  const endMs = atMs + ms;
  const within = collections.map(([from, , length]) => Math.min(endMs, from + length) - Math.max(atMs, from));
  return ms - waitedMs - within.reduce((sum, overlap) => sum + Math.max(0, overlap), 0);
}

const longest = (values: readonly number[]): number => values.reduce((max, value) => Math.max(max, value), 0);

const fileIn = (directory: string): string => join(directory, 'probe.json');
