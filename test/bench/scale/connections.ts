import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Child } from '../child.js';
import { startBroker } from '../durable/start-broker.js';
import { memoryEnvironment, residentMb } from '../durable/resident-memory.js';
import { cpuSecondsOf } from '../load/cpu-seconds.js';
import { parseResultLine } from '../load-driver.js';
import type { RunningPeer } from '../peers/peer.js';
import type { Procedure, ProcedureContext } from '../procedure.js';
import { probeEnvironment, readProbe } from './runtime-probe.js';

const OPEN_MS_MAX = 120_000;
const STORM_MS_MAX = 120_000;
/** Connections that come and go before memory is read, so that what grows once has grown. */
const WARM_UP = 200;
/** After the last answer, until what it has left behind is dealt with. */
const SETTLE_MS = 1000;

/** How much resident memory each of the scenario's connections takes, idle and with one subscription. */
export const idleMemory: Procedure = async (context) => {
  const isNode = context.peer.name !== 'mosquitto';
  const broker = await startBroker(context, isNode ? memoryEnvironment(context.directory) : {});
  const read = async (): Promise<number> =>
    isNode ? residentMb(broker.pid, context.directory) : residentNowMb(broker.pid);
  try {
    await (await hold(context, broker, WARM_UP)).stop();
    await sleep(SETTLE_MS);
    const emptyMb = await read();
    const count = Number(context.scenario.load['count']);
    const clients = await hold(context, broker, count);
    await sleep(SETTLE_MS);
    const beforeCollectionMb = residentNowMb(broker.pid);
    const fullMb = await read();
    await clients.stop();
    return {
      values: {
        bytes_each: ((fullMb - emptyMb) * 1e6) / count,
        uncollected_bytes_each: ((beforeCollectionMb - emptyMb) * 1e6) / count,
        empty_mb: emptyMb,
        full_mb: fullMb,
      },
    };
  } finally {
    await broker.stop();
  }
};

/** How fast all clients are back when their connections were cut: at the same moment, or as many at a time as the scenario says. */
export const reconnectStorm: Procedure = async (context) => {
  const { directory, peer, scenario } = context;
  const isProbed = peer.name.startsWith('surety');
  const broker = await startBroker(context, isProbed ? probeEnvironment(directory) : {});
  let values: Record<string, number>;
  try {
    const count = Number(scenario.load['count']);
    const { at_a_time: atATime = count } = scenario.load;
    const clients = await hold(context, broker, count, Number(atATime));
    await sleep(SETTLE_MS);
    const dropsBefore = listenDrops();
    const cpuBefore = cpuSecondsOf(broker.pid) ?? NaN;
    clients.signal('SIGUSR2');
    const [line] = await clients.printed(/connects_per_s=.*\n/, STORM_MS_MAX);
    const brokerCpu = (cpuSecondsOf(broker.pid) ?? NaN) - cpuBefore;
    values = parseResultLine(line);
    values['cpu_us_each'] = (brokerCpu * 1e6) / count;
    values['drops'] = listenDrops() - dropsBefore;
    await clients.stop();
  } finally {
    await broker.stop();
  }
  const { from_ms: fromMs = 0, to_ms: toMs = 0 } = values;
  return { values: isProbed ? { ...values, ...readProbe(directory, { fromMs, toMs }) } : values };
};

/** Opens connections, which stay until the program is stopped. @param atATime How many come back at a time. */
async function hold(
  { pool, loadCpu }: ProcedureContext,
  broker: RunningPeer,
  count: number,
  atATime = count,
): Promise<Child> {
  const program = fileURLToPath(new URL('../programs/connection-load.js', import.meta.url));
  const args = [program, String(broker.port), String(count), String(atATime)];
  const child = pool.start({ command: process.execPath, args, cpu: loadCpu });
  await child.printed(/connected\n/, OPEN_MS_MAX);
  return child;
}

/**
 * How often the kernel, on the whole machine, has dropped what a client sent to connect because too many waited to be
 * accepted: it tries again a second later, then after two more, and so on. `TcpExt` of /proc/net/netstat has a line of
 * names and one of values.
 */
function listenDrops(): number {
  const lines = readFileSync('/proc/net/netstat', 'utf8').split('\n');
  const [names = [], values = []] = lines
    .filter((line) => line.startsWith('TcpExt'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('ListenDrops')]);
}

/** Resident memory as it is, in MB of 10^6 bytes. */
function residentNowMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1024) / 1e6;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
