import { Container } from 'inversify';

import { LocalAccessFile } from '../adapters/admin-tokens/local-access-file.js';
import { TokenFile } from '../adapters/admin-tokens/token-file.js';
import { publicConfig } from '../adapters/config/config-text.js';
import type { Config } from '../adapters/config/config.js';
import { AdminCertificate } from '../adapters/http/admin-certificate.js';
import { AdminServer } from '../adapters/http/admin-server.js';
import type { AboutBroker } from '../adapters/http/routes/broker-routes.js';
import { BrokerArchive } from '../admin-archive.js';
import { adminFilesOf } from '../admin-files.js';
import type { Administration } from '../application/administration/administration.js';
import type { ClientTraces } from '../application/ports/client-traces.js';
import type { Clock } from '../application/ports/clock.js';
import type { LogLevels, Logs } from '../application/ports/log-levels.js';
import type { MisbehaviourLog } from '../application/ports/misbehaviour-log.js';
import type { Reloadable } from '../application/ports/reloadable.js';
import { nodeName } from '../audit-keeping.js';
import { ReplaceableServer } from '../replaceable-server.js';
import type { ConfigurationReading } from '../reloading.js';
import { VERSION } from '../version.js';
import { type AccessAdministration, Own, T } from './tokens.js';

/** Binds the admin API. @param configFile What the broker was started with. */
export function bindAdmin(container: Container, configFile: string | undefined): void {
  container
    .bind(Own.localAccess)
    .toResolvedValue(
      (config: Config, clock: Clock, logs: Logs) =>
        new LocalAccessFile(adminFilesOf(config).local, clock, logs.component('admin')),
      [T.config, T.clock, T.logs],
    );
  container
    .bind(Own.adminTokens)
    .toResolvedValue(
      (config: Config, clock: Clock, local: LocalAccessFile) =>
        new TokenFile(adminFilesOf(config).tokens, clock, local.token),
      [T.config, T.clock, Own.localAccess],
    );
  container.bind(Own.reloadable).toService(Own.adminTokens);
  container
    .bind(Own.archive)
    .toResolvedValue(
      (config: Config, clock: Clock, logs: Logs) =>
        new BrokerArchive(config, logs.component('admin'), clock, configFile),
      [T.config, T.clock, T.logs],
    );
  bindServer(container);
  container
    .bind(Own.reloadable)
    .toResolvedValue((admin: ReplaceableServer<AdminServer>) => certificateOf(admin), [Own.admin]);
  container.bind(Own.configPreparer).toService(Own.admin);
}

function bindServer(container: Container): void {
  container.bind(Own.admin).toResolvedValue(
    (
      config: Config,
      administration: Administration,
      access: AccessAdministration,
      local: LocalAccessFile,
      tokens: TokenFile,
      archive: BrokerArchive,
      logs: Logs,
      traces: ClientTraces,
      clock: Clock,
      misbehaviour: MisbehaviourLog,
      reading: ConfigurationReading,
    ) => {
      const about = aboutBroker(config, logs, reading, clock);
      const { packetBytesMax } = config.limits;
      const logger = logs.component('admin');
      const parts = {
        ...{ administration, ...access, tokens, archive, logs },
        ...{ traces, about, logger, misbehaviour, packetBytesMax },
      };
      return new ReplaceableServer(config, {
        keys: ['admin.enabled', 'admin.host', 'admin.port', 'admin.tls'],
        make: ({ admin }) =>
          admin.enabled ? new AdminServer(parts, admin, new AdminCertificate(admin.tls), local) : undefined,
        logger,
      });
    },
    [
      ...[
        T.config,
        Own.administration,
        Own.accessAdministration,
        Own.localAccess,
        Own.adminTokens,
        Own.archive,
      ],
      ...[T.logs, T.traces, T.clock, Own.misbehaviour, Own.configurationReading],
    ] as const,
  );
}

/** The certificate of the server that there is at the moment. */
function certificateOf(admin: ReplaceableServer<AdminServer>): Reloadable {
  return {
    name: "the admin API's certificate",
    get files() {
      return admin.current?.certificate.files ?? [];
    },
    reload: async () => admin.current?.certificate.reload() ?? false,
  };
}

/** @param config Whose limits are set anew when the configuration is read again. */
export function aboutBroker(
  config: Config,
  logs: LogLevels,
  reading: ConfigurationReading,
  clock: Pick<Clock, 'nowMs'>,
): AboutBroker {
  return {
    reading,
    version: VERSION,
    node: nodeName(config),
    startedAtMs: clock.nowMs(),
    // Made at each look: limits and levels change while the broker runs.
    get configuration() {
      const levels = logs.levels();
      return publicConfig({ ...config, log: { ...config.log, level: levels.broker, levels } });
    },
  };
}
