import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type postgres from 'postgres';

/** The driver, as the broker uses it. */
export type Sql = postgres.Sql;

/** A running server, and a pool of connections to it. */
export interface Database {
  readonly sql: Sql;
  close(): Promise<void>;
}

/** What is used of the compiled broker; it is no part of this compilation. */
interface EmbeddedServer {
  readonly address: unknown;
  stop(): Promise<void>;
}
interface ServerModule {
  readonly EmbeddedServer: {
    start(options: { dataDir: string; logger: Record<string, () => void> }): Promise<EmbeddedServer>;
  };
}
interface ConnectModule {
  readonly openPool: (address: unknown, options: { max: number }) => Sql;
}

const silent = (): void => undefined;
const logger = { error: silent, warn: silent, info: silent, debug: silent };

/**
 * Starts the broker's embedded server on a data directory, with the broker's settings (fsync is on in them).
 * @throws Error when the broker isn't built, or the server doesn't start.
 */
export async function openDatabase(root: string, dataDir: string): Promise<Database> {
  const load = async (name: string): Promise<unknown> =>
    import(pathToFileURL(join(root, 'dist/adapters/postgres', name)).href);
  const { EmbeddedServer } = (await load('embedded-server.js')) as ServerModule;
  const { openPool } = (await load('connect.js')) as ConnectModule;
  const server = await EmbeddedServer.start({ dataDir, logger });
  const sql = openPool(server.address, { max: 1 });
  return {
    sql,
    close: async () => {
      await sql.end({ timeout: 1 });
      await server.stop();
    },
  };
}
