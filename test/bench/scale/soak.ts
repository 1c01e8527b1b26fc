import { readFileSync } from 'node:fs';
import { startBroker } from '../durable/start-broker.js';
import { ownLoadProgram } from '../load-driver.js';
import type { Procedure } from '../procedure.js';

const SAMPLE_MS = 1000;
/** What is read before that is of a broker that still grows into its load. */
const SETTLING_MS = 120_000;

/** A reading of resident memory: minutes since the load's start, MB of 10^6 bytes. */
export type Reading = readonly [minutes: number, mb: number];

/** Drives the scenario's load for its time, and tells how fast resident memory grows once the broker has settled. */
export const soak: Procedure = async (context) => {
  const broker = await startBroker(context);
  const readings: Reading[] = [];
  const startMs = performance.now();
  const sampler = setInterval(() => {
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs >= SETTLING_MS) readings.push([elapsedMs / 60_000, residentMb(broker.pid)]);
  }, SAMPLE_MS);
  try {
    const { values, failure } = await context.driver.drive(ownLoadProgram(), context.scenario.load, broker);
    const mbs = readings.map(([, mb]) => mb);
    const memory = { mb_per_min: slopeOf(readings), mb_min: Math.min(...mbs), mb_max: Math.max(...mbs) };
    return { values: { ...values, ...memory }, failure };
  } finally {
    clearInterval(sampler);
    await broker.stop();
  }
};

/** The slope of the line through all readings with the least squares, in MB a minute. */
export function slopeOf(readings: readonly Reading[]): number {
  const mean = (pick: (reading: Reading) => number): number =>
    readings.reduce((sum, reading) => sum + pick(reading), 0) / readings.length;
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
  const covariance = mean(([x, y]) => (x - meanX) * (y - meanY));
  return covariance / mean(([x]) => (x - meanX) ** 2);
}

function residentMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1024) / 1e6;
}
