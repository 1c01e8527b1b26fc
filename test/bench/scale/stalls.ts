import { fileURLToPath } from 'node:url';
import { startBroker } from '../durable/start-broker.js';
import { parseResultLine } from '../load-driver.js';
import type { Procedure } from '../procedure.js';
import { probeEnvironment, readProbe } from './runtime-probe.js';

const TASK_MS_MAX = 150_000;

/** How long others wait at most while one task of `programs/stall-load` goes on. */
export const stalls =
  (task: 'retained' | 'subscribe', count: number): Procedure =>
  async (context) => {
    const { directory, loadCpu, peer, pool } = context;
    const isProbed = peer.name.startsWith('surety');
    const broker = await startBroker(context, isProbed ? probeEnvironment(directory) : {});
    let values: Record<string, number>;
    try {
      const program = fileURLToPath(new URL('../programs/stall-load.js', import.meta.url));
      const args = [program, String(broker.port), task, String(count)];
      const child = pool.start({ command: process.execPath, args, cpu: loadCpu });
      const { code, stdout } = await child.finish(TASK_MS_MAX);
      if (code !== 0) throw new Error(`stall-load ended with ${code}: ${child.lastWords()}`);
      values = parseResultLine(stdout);
    } finally {
      await broker.stop();
    }
    const { from_ms: fromMs = 0, to_ms: toMs = 0 } = values;
    return { values: isProbed ? { ...values, ...readProbe(directory, { fromMs, toMs }) } : values };
  };
