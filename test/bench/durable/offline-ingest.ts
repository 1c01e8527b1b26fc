import { ownLoadProgram } from '../load-driver.js';
import type { Procedure } from '../procedure.js';
import { databaseTask } from './database-task.js';
import { startBroker } from './start-broker.js';

/** Drives the scenario's load into offline sessions, and holds the rows in the database against what was acknowledged. */
export const offlineIngest: Procedure = async (context) => {
  const broker = await startBroker(context);
  const outcome = await context.driver.drive(ownLoadProgram(), context.scenario.load, broker);
  await broker.stop();
  const { deliveries } = await databaseTask(context, 'count-rows');
  const acked = outcome.values['acked'];
  if (outcome.failure !== undefined || deliveries === acked) return outcome;
  return { ...outcome, failure: `${acked} messages were acknowledged, ${deliveries} are in the database` };
};
