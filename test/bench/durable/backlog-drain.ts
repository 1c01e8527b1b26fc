import { ownLoadProgram, type LoadOutcome } from '../load-driver.js';
import type { LoadFlags } from '../load/load-options.js';
import type { RunningPeer } from '../peers/peer.js';
import type { Procedure, ProcedureContext } from '../procedure.js';
import { databaseTask } from './database-task.js';
import { memoryEnvironment, residentMb } from './resident-memory.js';
import { startBroker } from './start-broker.js';

const BACKLOG = 1_000_000;
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
 * Fills one offline session, and drains it after a restart while another client publishes into it. The broker's
 * resident memory is read, idle and with its garbage collected, before and after the fill and after two restarts: one
 * with the full session, one with the empty one.
 */
export const backlogDrain: Procedure = async (context) => {
  const values: Record<string, number> = {};
  const { directory } = context;
  const read = (broker: RunningPeer): Promise<number> => residentMb(broker.pid, directory);

  const filled = await withBroker(context, async (broker) => {
    const before = await read(broker);
    const outcome = await drive(context, FILL, broker);
    values['fill_per_s'] = outcome.values['completed_per_s'] ?? 0;
    values['fill_growth_mb'] = (await read(broker)) - before;
    return outcome.failure;
  });
  if (filled !== undefined) return { values, failure: `fill: ${filled}` };
  const { deliveries } = await databaseTask(context, 'count-rows');
  if (deliveries !== BACKLOG) return { values, failure: `${deliveries} rows for ${BACKLOG} messages` };

  let fullMb = 0;
  const drained = await withBroker(context, async (broker) => {
    fullMb = await read(broker);
    const outcome = await drive(context, DRAIN, broker);
    for (const key of ['drained_per_s', 'live_sent', 'ack_p99_ms']) values[key] = outcome.values[key] ?? 0;
    return outcome.failure;
  });
  if (drained !== undefined) return { values, failure: `drain: ${drained}` };
  const left = await databaseTask(context, 'count-rows');
  if (left['deliveries'] !== 0) return { values, failure: `${left['deliveries']} rows after the drain` };

  await withBroker(context, async (broker) => {
    values['restart_growth_mb'] = fullMb - (await read(broker));
    return undefined;
  });
  values['full_mb'] = fullMb;
  return { values };
};

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
