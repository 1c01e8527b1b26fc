import { fileURLToPath } from 'node:url';
import type { BrokerSettings } from '../scenario.js';
import type { Peer, PeerContext, RunningPeer } from './peer.js';

const READY_MS_MAX = 10_000;

/** A peer that is a Node program of ours: it picks its own port and prints `listening on PORT`. */
export function nodeProgramPeer(name: string, program: string, version: () => string): Peer {
  return {
    name,
    version,
    start: async ({ pool, cpu }: PeerContext, { env }: BrokerSettings): Promise<RunningPeer> => {
      const path = fileURLToPath(new URL(`../programs/${program}.js`, import.meta.url));
      const startMs = performance.now();
      const child = pool.start({ command: process.execPath, args: [path], env, cpu });
      const [, port] = await child.printed(/listening on (\d+)/, READY_MS_MAX);
      const readyMs = performance.now() - startMs;
      return { port: Number(port), pid: child.pid, readyMs, stop: () => child.stop() };
    },
  };
}
