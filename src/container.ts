import 'reflect-metadata';

import { fileURLToPath } from 'node:url';

import { Container } from 'inversify';

import type { Config } from './adapters/config/config.js';
import { liveConfig } from './adapters/config/live-settings.js';
import { NodeDigest } from './adapters/crypto/node-digest.js';
import { VOLATILE_STORAGE } from './adapters/memory/volatile-storage.js';
import { closeDatabase, openDatabase } from './adapters/postgres/database.js';
import { PostgresStorage } from './adapters/postgres/postgres-storage.js';
import { type ServiceManager, serviceManager } from './adapters/systemd/service-manager.js';
import { AuditKeeping, nodeName } from './audit-keeping.js';
import type { ConfigSource } from './reloading.js';
import { Server } from './server.js';
import { bindAdmin } from './wiring/admin.js';
import { bindAdministration } from './wiring/administration.js';
import { bindAccess } from './wiring/access.js';
import { bindAdapters } from './wiring/adapters.js';
import { bindAudit } from './wiring/audit.js';
import { bindAuthentication } from './wiring/authentication.js';
import { bindBroker } from './wiring/broker.js';
import { bindMemory } from './wiring/memory.js';
import { bindListeners } from './wiring/listeners.js';
import { bindMonitoring } from './wiring/monitoring.js';
import { bindConfiguration, bindReload } from './wiring/reload.js';
import { bindServer } from './wiring/server.js';
import { Own, T } from './wiring/tokens.js';
import { bindUseCases } from './wiring/use-cases.js';

const migrationsDir = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * Wires a server for a configuration. Storage is bound by `openServer`, as it takes time to open.
 * @param source Where the configuration can be read again.
 */
export function createContainer(config: Config, source?: ConfigSource): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(T.config).toConstantValue(liveConfig(config));
  if (source !== undefined) bindConfiguration(container, source);
  bindAdapters(container);
  bindAudit(container);
  bindAccess(container);
  bindAuthentication(container);
  bindUseCases(container);
  bindBroker(container);
  bindMemory(container);
  bindListeners(container);
  bindReload(container);
  bindAdministration(container);
  bindAdmin(container, source?.file);
  bindMonitoring(container);
  bindServer(container);
  return container;
}

/**
 * Opens the storage and makes the server.
 * @throws Error that says what to do, when the storage can't be opened.
 */
export async function openServer(container: Container): Promise<Server> {
  const config = container.get(T.config);
  const { persistence, database, dataDir, limits } = config;
  const [logs, clock] = [container.get(T.logs), container.get(T.clock)];
  const options = {
    ...{ url: database.url, dataDir, migrationsDir, limits, clock },
    logger: logs.component('database'),
    ...{ node: nodeName(config), digest: new NodeDigest() },
  };
  const stored = persistence === 'memory' ? undefined : await PostgresStorage.open(options);
  try {
    container.bind(T.storage).toConstantValue(stored ?? VOLATILE_STORAGE);
    const keeping = stored && new AuditKeeping(config, stored, { clock, logger: logs.component('audit') });
    container.bind(Own.keeping).toConstantValue({ keeping });
    return container.get(T.server);
  } catch (error) {
    await stored?.stop(0);
    throw error;
  }
}

/** The service manager that has started this process, or nobody. */
export function managedBy(container: Container): ServiceManager {
  return serviceManager({ env: process.env, clock: container.get(T.clock), logger: container.get(T.logger) });
}

/**
 * Brings the database to the newest version. @returns the names of the steps that were taken; undefined where there is no database.
 * @throws Error that says what to do, when it can't be opened or a broker is running on it.
 */
export async function migrateDatabase(config: Config): Promise<string[] | undefined> {
  if (config.persistence === 'memory') return undefined;
  const { database, dataDir } = config;
  const logger = createContainer(config).get(T.logs).component('database');
  const opened = await openDatabase({ url: database.url, dataDir, migrationsDir, logger });
  await closeDatabase(opened);
  return opened.applied.map(({ name }) => name);
}
