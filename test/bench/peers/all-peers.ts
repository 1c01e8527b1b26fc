import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareInsertPeer } from './bare-insert-peer.js';
import { mosquittoPeer } from './mosquitto-peer.js';
import { nodeProgramPeer } from './node-program-peer.js';
import type { Peer } from './peer.js';
import { suretyWithAcl, suretyWithRoles } from './ruled-surety-peers.js';
import { suretyPeer } from './surety-peer.js';

/** Every peer by its name. */
export function allPeers(rootDirectory: string): ReadonlyMap<string, Peer> {
  const aedesVersion = (): string => {
    const manifest = readFileSync(join(rootDirectory, 'node_modules/aedes/package.json'), 'utf8');
    return (JSON.parse(manifest) as { version: string }).version;
  };
  const peers: Peer[] = [
    suretyPeer(rootDirectory),
    suretyPeer(rootDirectory, 'surety-plain'),
    suretyWithRoles(rootDirectory),
    suretyWithAcl(rootDirectory),
    nodeProgramPeer('aedes', 'aedes-server', aedesVersion),
    mosquittoPeer(rootDirectory),
    bareInsertPeer(rootDirectory),
    nodeProgramPeer('relay', 'relay', () => 'of this benchmark'),
  ];
  return new Map(peers.map((peer) => [peer.name, peer]));
}
