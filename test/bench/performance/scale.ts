/** Where values stand along an axis, and which of them are written there. */
export interface Scale {
  /** From 0, the axis's start, to 1, its end. */
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** From 0 to a round number that is no less than `max`. */
export function linearScale(max: number): Scale {
  const step = roundStep(max / 4);
  const end = Math.max(step, Math.ceil(max / step) * step);
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, i) => i * step);
  return { at: (value) => value / end, ticks };
}

/** From a power of ten to another one: for what differs by factors. Values have to be above 0. */
export function logarithmicScale(min: number, max: number): Scale {
  const first = Math.floor(Math.log10(min));
  const last = Math.max(first + 1, Math.ceil(Math.log10(max)));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  return { at: (value) => Math.max(0, (Math.log10(value) - first) / (last - first)), ticks };
}

/** A number as it stands at an axis: `2.5M`, `100k`, `0.1`. */
export function shortNumber(value: number): string {
  if (value >= 1e6) return `${trimmed(value / 1e6)}M`;
  return value >= 1000 ? `${trimmed(value / 1000)}k` : trimmed(value);
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** 1, 2, 2.5 or 5 times a power of ten. */
function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= atLeast) ?? 10;
  return factor * power;
}
