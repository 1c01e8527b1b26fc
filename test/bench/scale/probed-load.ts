import { startBroker } from '../durable/start-broker.js';
import { ownLoadProgram } from '../load-driver.js';
import type { Procedure } from '../procedure.js';
import { probeEnvironment, readProbe } from './runtime-probe.js';

/** Drives the scenario's load, and tells what held the broker's event loop up meanwhile. */
export const probedLoad: Procedure = async (context) => {
  const { directory, driver, scenario } = context;
  const broker = await startBroker(context, probeEnvironment(directory));
  const { values, failure } = await driver.drive(ownLoadProgram(), scenario.load, broker);
  await broker.stop();
  const { from_ms: fromMs = 0, to_ms: toMs = 0 } = values;
  return { values: { ...values, ...readProbe(directory, { fromMs, toMs }) }, failure };
};
