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
import { nodeName } from '../audit-keeping.js';
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
  container
    .bind(Own.adminCertificate)
    .toResolvedValue(({ admin }: Config) => new AdminCertificate(admin.enabled ? admin.tls : {}), [T.config]);
  container.bind(Own.reloadable).toService(Own.adminCertificate);
  bindServer(container);
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
      certificate: AdminCertificate,
    ) => {
      const about = aboutBroker(config, logs, reading, clock);
      const { packetBytesMax } = config.limits;
      const logger = logs.component('admin');
      const parts = {
        ...{ administration, ...access, tokens, archive, logs },
        ...{ traces, about, logger, misbehaviour, packetBytesMax },
      };
      return {
        server: config.admin.enabled ? new AdminServer(parts, config.admin, certificate, local) : undefined,
      };
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
      Own.adminCertificate,
    ] as const,
  );
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
