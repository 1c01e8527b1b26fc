import { InvalidArgumentError } from 'commander';
import { type AddressRange, parseAddressRange } from '../../domain/access/address-range.js';
import type { QoS } from '../../domain/qos.js';
import { parseTopicFilter } from '../../domain/topic/topic-filter.js';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;
/** Ten years, as the admin API has it: what lasts longer has no end. */
const DURATION_MS_MAX = 3650 * 86_400_000;

/** A whole number from 1 on. */
export function countOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}

/** A whole number from 1 to a greatest. */
export function countUpTo(max: number): (text: string) => number {
  return (text) => {
    const count = /^[1-9]\d{0,14}$/.test(text) ? Number(text) : Infinity;
    if (count <= max) return count;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
  };
}

/** A quality of service. */
export function qosOf(text: string): QoS {
  if (/^[012]$/.test(text)) return Number(text) as QoS;
  throw new InvalidArgumentError('It must be 0, 1 or 2.');
}

/** An address, or a range of them. */
export function rangeOf(text: string): AddressRange {
  const range = parseAddressRange(text);
  if (range !== undefined) return range;
  throw new InvalidArgumentError(
    'It must be an address such as 192.0.2.1 or 2001:db8::1, or a range such as 192.0.2.0/24.',
  );
}

/** A topic, or a filter as of a subscription. */
export function topicFilterOf(text: string): string {
  if (parseTopicFilter(text) !== undefined) return text;
  throw new InvalidArgumentError('It must be a topic or a filter: plant/7/state, plant/+/state or plant/#.');
}

/** A time in the past or to come, in milliseconds since the epoch. */
export function timeOf(text: string): number {
  const ms = parseTime(text, Date.now());
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError('It must look like 2026-03-01, 2026-03-01T12:00:00Z or -2h.');
}

/** How long something lasts, in milliseconds. */
export function durationOf(text: string): number {
  const ms = parseDuration(text) ?? 0;
  if (ms > DURATION_MS_MAX) throw new InvalidArgumentError('It must be ten years at most: 3650d.');
  if (ms > 0) return ms;
  throw new InvalidArgumentError('It must look like 30s, 15m, 12h or 7d.');
}

/**
 * Reads a time: ISO 8601 (`2026-03-01`, `2026-03-01T12:00:00Z`; UTC where no zone is named), `now`, or how long ago
 * it was (`-90s`, `-30m`, `-2h`, `-7d`, `-1w`), back to 1970.
 * @returns milliseconds since the epoch; undefined when it is none of these.
 */
export function parseTime(text: string, nowMs: number): number | undefined {
  if (text === 'now') return nowMs;
  const agoMs = text.startsWith('-') ? parseDuration(text.slice(1)) : undefined;
  if (agoMs !== undefined) return Math.max(0, nowMs - agoMs);
  const [, time, , , zone] = ISO.exec(text) ?? [];
  if (!ISO.test(text) || !isDay(text.slice(0, 10))) return undefined;
  const ms = Date.parse(time !== undefined && zone === undefined ? `${text}Z` : text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Whether the calendar has this day: `Date.parse` takes the 30th of February for a day in March. */
function isDay(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** `90s`, `15m`, `12h`, `7d` or `2w`, in milliseconds. */
function parseDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (UNIT_MS[unit] ?? 0);
}
