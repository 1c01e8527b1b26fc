import { ownLoadProgram, type LoadOutcome } from '../load-driver.js';
import type { LoadFlags } from '../load/load-options.js';
import type { RunningPeer } from '../peers/peer.js';
import type { Procedure, ProcedureContext } from '../procedure.js';
import { databaseTask } from './database-task.js';
import { memoryEnvironment, residentMb } from './resident-memory.js';
import { startBroker } from './start-broker.js';

const BACKLOG = 1_000_000;
/** What is filled and drained before memory is read. */
const WARM_UP = 200_000;
/** Seconds that filling or draining may take. */
const SECONDS_MAX = 60;
const LIVE_RATE = 2_000;

const FILL: LoadFlags = {
  layout: 'offline',
  pubs: 1,
  qos: 1,
  size: 100,
  window: 5_000,
  clean: 0,
  warmup: 0,
  secs: SECONDS_MAX,
  count: BACKLOG,
};
const DRAIN: LoadFlags = {
  layout: 'drain',
  qos: 1,
  size: 100,
  window: 1_000,
  clean: 0,
  warmup: 0,
  secs: SECONDS_MAX,
  first: BACKLOG,
  rate: LIVE_RATE,
};

/**
 * Fills one offline session, and drains it after a restart while another client publishes into it.
 *
 * The broker's resident memory is read idle and with its garbage collected, and what the backlog costs is told twice:
 * as what the fill adds to a broker that has filled and drained a smaller one before, so that its buffers and its
 * compiled code are there in both readings; and as what a restarted broker with the backlog has over one restarted
 * after the drain. What the fill adds to a broker that has done nothing yet is told as well.
 */
export const backlogDrain: Procedure = async (context) => {
  const values: Record<string, number> = {};
  const fault =
    (await fillUp(context, values)) ??
    (await rowsFault(context, BACKLOG)) ??
    (await drainOut(context, values)) ??
    (await rowsFault(context, 0)) ??
    (await readEmpty(context, values));
  return { values, failure: fault };
};

async function fillUp(
  context: ProcedureContext,
  values: Record<string, number>,
): Promise<string | undefined> {
  return withBroker(context, async (broker) => {
    const coldMb = await read(context, broker);
    const warm =
      (await drive(context, { ...FILL, count: WARM_UP }, broker)).failure ??
      (await drive(context, { ...DRAIN, first: WARM_UP, rate: 0 }, broker)).failure;
    if (warm !== undefined) return `warm-up: ${warm}`;
    const emptyMb = await read(context, broker);
    const outcome = await drive(context, FILL, broker);
    const fullMb = await read(context, broker);
    values['fill_per_s'] = outcome.values['completed_per_s'] ?? 0;
    values['fill_growth_mb'] = fullMb - emptyMb;
    values['cold_growth_mb'] = fullMb - coldMb;
    return outcome.failure;
  });
}

async function drainOut(
  context: ProcedureContext,
  values: Record<string, number>,
): Promise<string | undefined> {
  return withBroker(context, async (broker) => {
    values['full_mb'] = await read(context, broker);
    const outcome = await drive(context, DRAIN, broker);
    for (const key of ['drained_per_s', 'live_sent', 'ack_p99_ms']) values[key] = outcome.values[key] ?? 0;
    return outcome.failure;
  });
}

async function readEmpty(
  context: ProcedureContext,
  values: Record<string, number>,
): Promise<string | undefined> {
  return withBroker(context, async (broker) => {
    values['restart_growth_mb'] = (values['full_mb'] ?? 0) - (await read(context, broker));
    return undefined;
  });
}

async function rowsFault(context: ProcedureContext, expected: number): Promise<string | undefined> {
  const { deliveries } = await databaseTask(context, 'count-rows');
  return deliveries === expected ? undefined : `${deliveries} rows in the database instead of ${expected}`;
}

async function read({ directory }: ProcedureContext, broker: RunningPeer): Promise<number> {
  return residentMb(broker.pid, directory);
}

async function withBroker(
  context: ProcedureContext,
  use: (broker: RunningPeer) => Promise<string | undefined>,
): Promise<string | undefined> {
  const broker = await startBroker(context, memoryEnvironment(context.directory));
  try {
    return await use(broker);
  } finally {
    await broker.stop();
  }
}

async function drive(
  { driver, scenario }: ProcedureContext,
  flags: LoadFlags,
  broker: RunningPeer,
): Promise<LoadOutcome> {
  return driver.drive(ownLoadProgram(), { ...flags, ...scenario.load }, broker);
}
