import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startBroker } from './durable/start-broker.js';
import { encodeConnect } from './load/frames.js';
import { ownLoadProgram } from './load-driver.js';
import type { Procedure } from './procedure.js';

const CLIENTS = 1000;
/** After the load's warm-up has begun, in milliseconds: what is measured has begun then, too. */
const STORM_AFTER_MS = 8000;
const STORM_MS_MAX = 60_000;

/**
 * Measures the latency of running traffic twice: by itself, and while a thousand clients log in at once with passwords
 * that are hashed with argon2id. The traffic's own clients come without credentials.
 */
export const logins: Procedure = async (context) => {
  const { directory, driver, rootDirectory, scenario } = context;
  const file = join(directory, 'passwords');
  writePasswords(rootDirectory, file);
  const configLines = ['authentication:', '  providers:', `    - { type: passwordFile, file: ${file} }`];
  // Hashing has to find a processor that isn't the event loop's, as on any machine that isn't held to one.
  const unpinned = {
    ...context,
    brokerCpu: undefined,
    scenario: { ...scenario, settings: { surety: { configLines } } },
  };
  const broker = await startBroker(unpinned);
  try {
    const quiet = await driver.drive(ownLoadProgram(), scenario.load, broker);
    const [busy, storm] = await Promise.all([
      driver.drive(ownLoadProgram(), scenario.load, broker),
      new Promise((resolve) => setTimeout(resolve, STORM_AFTER_MS)).then(() => loginAll(broker.port)),
    ]);
    const [before, during] = [quiet.values['p99_ms'] ?? NaN, busy.values['p99_ms'] ?? NaN];
    const values = {
      quiet_p99_ms: before,
      storm_p99_ms: during,
      added_ms: during - before,
      logins_s: storm.seconds,
    };
    const refused = storm.refused === 0 ? undefined : `${storm.refused} of ${CLIENTS} logins were refused`;
    return { values, failure: quiet.failure ?? busy.failure ?? refused };
  } finally {
    await broker.stop();
  }
};

/** The users have one password: it is hashed once, as to hash it is what takes long. */
function writePasswords(rootDirectory: string, file: string): void {
  execFileSync(process.execPath, [
    join(rootDirectory, 'bin', 'surety.js'),
    'passwd',
    '-c',
    '-b',
    file,
    'user',
    'geheim',
  ]);
  const hash = readFileSync(file, 'utf8').trim().slice('user:'.length);
  const lines = Array.from({ length: CLIENTS }, (_, index) => `user-${index}:${hash}\n`);
  writeFileSync(file, lines.join(''));
}

async function loginAll(port: number): Promise<{ readonly seconds: number; readonly refused: number }> {
  const began = performance.now();
  const codes = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => login(port, index)));
  return { seconds: (performance.now() - began) / 1000, refused: codes.filter((code) => code !== 0).length };
}

/** @returns the return code; -1 when none came. */
function login(port: number, index: number): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (code: number): void => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(STORM_MS_MAX, () => end(-1));
    socket.once('error', () => end(-1));
    socket.once('data', (bytes) => end(bytes[3] ?? -1));
    socket.write(encodeConnect(`storm-${index}`, true, { user: `user-${index}`, password: 'geheim' }));
  });
}
