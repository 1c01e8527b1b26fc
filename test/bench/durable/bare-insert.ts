import type { Procedure } from '../procedure.js';
import { databaseTask } from './database-task.js';

/** What the database takes without a broker in front of it, under the key of the broker's own rate. */
export const bareInsert: Procedure = async (context) => {
  const { measureSeconds, warmupSeconds } = context.driver.times;
  const { rows_per_s: rowsPerS } = await databaseTask(context, 'bare-insert', warmupSeconds, measureSeconds);
  if (rowsPerS === undefined) throw new Error('the script printed no rate');
  return { values: { completed_per_s: rowsPerS } };
};
