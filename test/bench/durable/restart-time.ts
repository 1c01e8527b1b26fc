import { connectAsync } from 'mqtt';
import type { Procedure } from '../procedure.js';
import { databaseTask } from './database-task.js';
import { startBroker } from './start-broker.js';

const SESSIONS = 100_000;
const RETAINED = 100_000;
const CHECK_MS_MAX = 20_000;

/** Writes a large state into the database and times the broker's start with it, up to its line on standard output. */
export const restartTime: Procedure = async (context) => {
  const first = await startBroker(context);
  await first.stop();
  await databaseTask(context, 'fill-state', SESSIONS, RETAINED);
  const broker = await startBroker(context);
  const failure = await faultOf(broker.port);
  await broker.stop();
  return { values: { ready_s: broker.readyMs / 1000, empty_ready_s: first.readyMs / 1000 }, failure };
};

/** Looks whether the state is really there: the last session with its subscriptions, and all retained messages. */
async function faultOf(port: number): Promise<string | undefined> {
  const url = `mqtt://127.0.0.1:${port}`;
  const absent = await connectAsync(url, {
    clientId: `client-${SESSIONS}`,
    clean: false,
    reconnectPeriod: 0,
  });
  const asker = await connectAsync(url, { reconnectPeriod: 0 });
  let kept = 0;
  let commands = 0;
  asker.on('message', () => kept++);
  absent.on('message', () => commands++);
  try {
    await asker.subscribeAsync('kept/#', { qos: 0 });
    await asker.publishAsync(`client/${SESSIONS}/x`, 'go', { qos: 1 });
    const deadline = performance.now() + CHECK_MS_MAX;
    while ((kept < RETAINED || commands < 1) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (kept !== RETAINED) return `${kept} of ${RETAINED} retained messages came`;
    return commands === 1 ? undefined : `${commands} messages came to a session that is owed one`;
  } finally {
    await Promise.all([asker.endAsync(true), absent.endAsync(true)]);
  }
}
