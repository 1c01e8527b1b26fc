import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** When something was measured, in milliseconds since the epoch. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Notes {
  readonly collections: readonly (readonly [atMs: number, kind: string, ms: number])[];
  readonly delays: readonly (readonly [atMs: number, ms: number, ownMs: number])[];
}

/** The environment of a broker that is looked into by `readProbe` once it has ended. */
export function probeEnvironment(directory: string): Record<string, string> {
  const hook = new URL('../programs/runtime-probe.js', import.meta.url).href;
  return { NODE_OPTIONS: `--import ${hook}`, BENCH_PROBE_FILE: fileIn(directory) };
}

/**
 * What the probe in a broker has seen in a time: how long its event loop was held up at most, with and without waiting for
 * a processor that others had, and the garbage collections by kind, counted, with the longest of each, in milliseconds.
 * @throws Error when the broker has left no notes.
 */
export function readProbe(directory: string, { fromMs, toMs }: TimeSpan): Record<string, number> {
  const file = fileIn(directory);
  if (!existsSync(file)) throw new Error('the probe in the broker has left no notes');
  const { collections, delays } = JSON.parse(readFileSync(file, 'utf8')) as Notes;
  const isWithin = (atMs: number): boolean => atMs >= fromMs && atMs <= toMs;
  const seenDelays = delays.filter(([atMs]) => isWithin(atMs));
  const values: Record<string, number> = {
    loop_ms_max: longest(seenDelays.map(([, ms]) => ms)),
    loop_own_ms_max: longest(seenDelays.map(([, , ownMs]) => ownMs)),
  };
  const seen = collections.filter(([atMs]) => isWithin(atMs));
  for (const kind of ['minor', 'major', 'incremental']) {
    const ofKind = seen.filter(([, name]) => name === kind).map(([, , ms]) => ms);
    values[`gc_${kind}`] = ofKind.length;
    values[`gc_${kind}_ms_max`] = longest(ofKind);
  }
  return values;
}

const longest = (values: readonly number[]): number => values.reduce((max, value) => Math.max(max, value), 0);

const fileIn = (directory: string): string => join(directory, 'probe.json');
