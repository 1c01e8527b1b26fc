import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerSettings } from '../scenario.js';
import { copyCertificate, type Transport } from '../transport.js';
import type { Peer, PeerContext, RunningPeer } from './peer.js';

const READY_MS_MAX = 60_000;
/** It ends its database server in good order as well. */
const STOP_MS_MAX = 30_000;

/** What the image and the unit for systemd start Node.js with. */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=32'];

/**
 * Surety as it ships, in memory unless the settings' environment says otherwise.
 * @param name Another one where it is compared with itself under other settings.
 */
export function suretyPeer(rootDirectory: string, name = 'surety'): Peer & Required<Pick<Peer, 'start'>> {
  const program = join(rootDirectory, 'bin', 'surety.js');
  return {
    name,
    version: () => {
      if (!existsSync(program)) throw new Error('bin/surety.js is missing');
      const manifest = readFileSync(join(rootDirectory, 'package.json'), 'utf8');
      return (JSON.parse(manifest) as { version: string }).version;
    },
    start: async (
      { pool, cpu, directory, transport }: PeerContext,
      settings: BrokerSettings,
    ): Promise<RunningPeer> => {
      const args = [...NODE_FLAGS, program, 'start'];
      if (settings.configLines !== undefined) {
        const config = join(directory, 'surety.yaml');
        writeFileSync(config, `${settings.configLines.join('\n')}\n`);
        args.push('--config', config);
      }
      const env = {
        SURETY_HOST: '127.0.0.1',
        SURETY_PORT: '0',
        SURETY_PERSISTENCE: 'memory',
        SURETY_DATA_DIR: join(directory, 'data'),
        SURETY_LOG_LEVEL: 'warn',
        ...transportVariables(transport, rootDirectory, directory),
        ...settings.env,
      };
      const startMs = performance.now();
      const child = pool.start({ command: process.execPath, args, env, cpu });
      const [, port] = await child.printed(/listening on \w+:\/\/\S*?:(\d+)/, READY_MS_MAX);
      const readyMs = performance.now() - startMs;
      return { port: Number(port), pid: child.pid, readyMs, stop: () => child.stop(STOP_MS_MAX) };
    },
  };
}

function transportVariables(
  transport: Transport,
  rootDirectory: string,
  directory: string,
): Readonly<Record<string, string>> {
  if (transport === 'ws') return { SURETY_TRANSPORT: 'websocket' };
  if (transport === 'tcp') return {};
  const { certFile, keyFile } = copyCertificate(rootDirectory, directory);
  return { SURETY_TLS_CERT_FILE: certFile, SURETY_TLS_KEY_FILE: keyFile };
}
