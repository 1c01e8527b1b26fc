import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../application/ports/logger.js';
import { connect, type Sql } from './connect.js';
import { openDataDirectory, serverPassword } from './data-directory.js';
import { type DatabaseAddress, parseDatabaseUrl, socketAddress } from './database-address.js';
import { EMBEDDED_LOGIN, EmbeddedServer } from './embedded-server.js';
import { isServerOf, recordedPid } from './running-server.js';
import { socketName } from './server-settings.js';
import { reachableSocketPath } from './socket-path.js';
import { StartFailure } from './start-failure.js';

/** Where the broker's data is. */
export interface AuditDatabaseOptions {
  readonly url: string | undefined;
  readonly dataDir: string;
  readonly logger: Logger;
}

/** A broker's database, opened beside the broker. */
export interface AuditDatabase {
  readonly sql: Sql;
  close(): Promise<void>;
}

/**
 * Opens the database that a broker writes or has written, without its claim: it may run meanwhile. An embedded server
 * that doesn't run is started, and stopped again at the end.
 * @throws Error that says what to do.
 */
export async function openAuditDatabase(options: AuditDatabaseOptions): Promise<AuditDatabase> {
  const { dataDir, logger, url } = options;
  if (url !== undefined) return connectTo(parseDatabaseUrl(url), logger, () => undefined);
  if (!existsSync(join(dataDir, 'postgres', 'PG_VERSION'))) {
    throw new StartFailure(
      'database-missing',
      `no broker has written data in ${dataDir}: name the configuration with --config or SURETY_CONFIG, or run surety migrate to begin there`,
    );
  }
  const data = openDataDirectory(dataDir);
  const pid = recordedPid(data.cluster);
  if (pid !== undefined && isServerOf(pid, data.cluster)) {
    const socket = reachableSocketPath(join(data.cluster, socketName));
    socket.open();
    const address = socketAddress(socket.path, { ...EMBEDDED_LOGIN, password: serverPassword(data, false) });
    return connectTo(address, logger, () => socket.close());
  }
  const server = await EmbeddedServer.start({ dataDir, logger });
  return connectTo(server.address, logger, () => server.stop());
}

async function connectTo(
  address: DatabaseAddress,
  logger: Logger,
  end: () => void | Promise<void>,
): Promise<AuditDatabase> {
  try {
    const sql = await connect(address, { logger, connectionsMax: 2 });
    const close = async (): Promise<void> => {
      await sql.end({ timeout: 1 });
      await end();
    };
    return { sql, close };
  } catch (error) {
    await end();
    throw error;
  }
}
