import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer } from './peer.js';

/** A script that writes to the database what the broker would; scenarios that compare with it say how it runs. */
export function bareInsertPeer(rootDirectory: string): Peer {
  return {
    name: 'bare-insert',
    version: () => {
      const manifest = readFileSync(join(rootDirectory, 'node_modules/postgres/package.json'), 'utf8');
      return `through postgres.js ${(JSON.parse(manifest) as { version: string }).version}`;
    },
  };
}
