import { join } from 'node:path';

import type { Config } from './adapters/config/config.js';

/** Where the admin API's files are. */
export interface AdminFiles {
  /** The tokens that were made. */
  readonly tokens: string;
  /** How somebody on this machine gets to the broker that runs. */
  readonly local: string;
}

export function adminFilesOf({ dataDir }: Pick<Config, 'dataDir'>): AdminFiles {
  return { tokens: join(dataDir, 'admin', 'tokens.json'), local: join(dataDir, 'admin', 'local.json') };
}
