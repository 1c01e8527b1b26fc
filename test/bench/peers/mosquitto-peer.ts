import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { freePort } from '../../support/free-port.js';
import type { Child } from '../child.js';
import type { BrokerSettings } from '../scenario.js';
import { type CertificateFiles, copyCertificate, type Transport } from '../transport.js';
import type { Peer, PeerContext, RunningPeer } from './peer.js';

const READY_MS_MAX = 10_000;
const RETRY_MS = 20;
/** Where packages put it, on systems that leave these out of a user's PATH. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'];
/** No limits on what is in flight or queued, so that it drops nothing and waits for nothing of its own. */
const BASE_CONFIG = [
  'persistence false',
  'max_inflight_messages 0',
  'max_queued_messages 0',
  'allow_anonymous true',
  'log_dest stderr',
  'log_type error',
];

/** mosquitto, when it is installed; the settings' lines are added to its configuration. */
export const mosquittoPeer = (rootDirectory: string): Peer => ({
  name: 'mosquitto',
  version: () => {
    const help = spawnSync(programPath(), ['-h'], { encoding: 'utf8', timeout: 5_000 });
    return /version (\S+)/.exec(help.stdout)?.[1] ?? 'unknown';
  },
  start: async (
    { pool, cpu, directory, transport }: PeerContext,
    { configLines = [] }: BrokerSettings,
  ): Promise<RunningPeer> => {
    const port = await freePort();
    const config = join(directory, 'mosquitto.conf');
    const certificate = (): CertificateFiles => copyCertificate(rootDirectory, directory);
    const lines = configLines.map((line) => line.replaceAll('DIRECTORY', directory));
    writeFileSync(
      config,
      [...withBase(lines), ...(await listenerLines(port, transport, certificate)), ''].join('\n'),
    );
    // Started as root it gives up its rights, and must still be able to read the file, and to write its own.
    chmodSync(directory, 0o777);
    chmodSync(dirname(directory), 0o711);
    const startMs = performance.now();
    const child = pool.start({ command: programPath(), args: ['-c', config], cpu });
    await acceptsConnections(port, child);
    const readyMs = performance.now() - startMs;
    return { port, pid: child.pid, readyMs, stop: () => child.stop() };
  },
});

/** Lines behind `listener` are those of that listener. */
async function listenerLines(
  port: number,
  transport: Transport,
  certificate: () => CertificateFiles,
): Promise<string[]> {
  const listener = `listener ${port} 127.0.0.1`;
  if (transport === 'tcp') return [listener];
  if (transport === 'tls') {
    const { certFile, keyFile } = certificate();
    return [listener, `certfile ${certFile}`, `keyfile ${keyFile}`];
  }
  // Some versions end at once when all listeners are those of WebSocket.
  return [`listener ${await freePort()} 127.0.0.1`, listener, 'protocol websockets'];
}

/** Our own settings, but for those that the scenario sets otherwise. */
function withBase(lines: readonly string[]): string[] {
  const keyOf = (line: string): string => line.split(' ')[0]!;
  const own = new Set(lines.map(keyOf));
  return [...BASE_CONFIG.filter((line) => keyOf(line).startsWith('log_') || !own.has(keyOf(line))), ...lines];
}

function programPath(): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...MORE_FOLDERS];
  const found = folders.map((folder) => join(folder, 'mosquitto')).find((path) => existsSync(path));
  if (found === undefined) throw new Error('mosquitto is not installed');
  return found;
}

async function acceptsConnections(port: number, child: Child): Promise<void> {
  const deadline = performance.now() + READY_MS_MAX;
  while (!(await canConnect(port))) {
    if (!child.isRunning) throw new Error(`mosquitto ended early: ${child.lastWords()}`);
    if (performance.now() > deadline) throw new Error('mosquitto was not ready in time');
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
