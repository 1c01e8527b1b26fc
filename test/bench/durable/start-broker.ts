import type { RunningPeer } from '../peers/peer.js';
import type { ProcedureContext } from '../procedure.js';

/**
 * Starts the scenario's broker on the measurement's directory; started again there it finds what it has stored.
 * @param env Added to what the scenario sets.
 * @throws Error when it isn't ready in time.
 */
export async function startBroker(
  { pool, directory, brokerCpu, peer, scenario }: ProcedureContext,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningPeer> {
  if (peer.start === undefined) throw new Error(`${peer.name} is no broker`);
  const settings = scenario.settings?.[peer.name] ?? {};
  return peer.start(
    { pool, directory, cpu: brokerCpu, transport: 'tcp' },
    { ...settings, env: { ...settings.env, ...env } },
  );
}
