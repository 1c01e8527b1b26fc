import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokerUnderTest } from '../crash/broker-under-test.js';
import { parseHostileOptions } from './hostile-options.js';
import { HostileRun } from './hostile-run.js';

/** Open files that a process needs beside its connections. */
const OTHER_FILES = 200;
/** The broker would have a machine of its own: what else runs on this one is to keep it waiting little. */
const BROKER_NICENESS = -20;
const CONFIG = `
listeners:
  - host: 127.0.0.1
    port: 0
  - host: 127.0.0.1
    port: 0
    transport: websocket
log:
  level: error
`;

/** Runs the hostile clients against a broker. @param root The project's folder. @returns the exit code. */
export async function main(args: readonly string[], root: string): Promise<number> {
  const options = parseHostileOptions(args);
  if ('fault' in options) {
    console.error(options.fault);
    return 2;
  }
  const files = openFilesMax();
  if (files < options.clients + OTHER_FILES) {
    console.error(
      `this process may open ${files} files, and ${options.clients} clients need ${options.clients + OTHER_FILES}: ` +
        'raise the limit (ulimit -n), or take fewer clients (--clients)',
    );
    return 2;
  }
  prefer();
  const folder = mkdtempSync(join(tmpdir(), 'surety-hostile-'));
  const config = join(folder, 'surety.yaml');
  writeFileSync(config, CONFIG);
  const inspected = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };
  const broker = new BrokerUnderTest(root, folder, inspected, ['--config', config]);
  const run = new HostileRun(options, broker, root);
  const endAll = (): void => {
    run.killAll();
    broker.killAll();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const endEarly = (): void => process.exit(1);
  process.on('exit', endAll).on('SIGTERM', endEarly).on('SIGINT', endEarly);
  try {
    return (await run.run()) ? 0 : 1;
  } catch (error) {
    console.error(error, `\nthe broker's log ends with\n${broker.log.slice(-5000)}`);
    return 1;
  } finally {
    endAll();
    process.off('exit', endAll).off('SIGTERM', endEarly).off('SIGINT', endEarly);
  }
}

/** For this process, and for those that it starts. */
function prefer(): void {
  try {
    setPriority(BROKER_NICENESS);
  } catch {
    // Only root may: then the figures tell of the machine too.
  }
}

/** Node.js raises its own limit to the hard one when it starts. */
function openFilesMax(): number {
  const line = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  return line?.[1] === 'unlimited' ? Infinity : Number(line?.[1] ?? 0);
}
