const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * Reads a time: ISO 8601 (`2026-03-01`, `2026-03-01T12:00:00Z`; UTC where no zone is named), `now`, or how long ago
 * it was (`-90s`, `-30m`, `-2h`, `-7d`, `-1w`).
 * @returns milliseconds since the epoch; undefined when it is none of these.
 */
export function parseTime(text: string, nowMs: number): number | undefined {
  if (text === 'now') return nowMs;
  const [, count, unit = ''] = /^-(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (UNIT_MS[unit] ?? 0);
  const [, time, , , zone] = ISO.exec(text) ?? [];
  if (!ISO.test(text)) return undefined;
  const ms = Date.parse(time !== undefined && zone === undefined ? `${text}Z` : text);
  return Number.isNaN(ms) ? undefined : ms;
}
