import { Container } from 'inversify';

import type { Config } from '../adapters/config/config.js';
import { AuditRecorder } from '../application/audit-recorder.js';
import type { Clock } from '../application/ports/clock.js';
import { LOG_COMPONENTS, type Logs } from '../application/ports/log-levels.js';
import type { Logger } from '../application/ports/logger.js';
import { Reload } from '../application/reload.js';
import {
  type ConfigApplier,
  type ConfigPreparer,
  ConfigurationReading,
  ConfigurationReload,
  type ConfigSource,
} from '../reloading.js';
import { Own, T } from './tokens.js';

/** Binds what reads things anew. */
export function bindReload(container: Container): void {
  container
    .bind(Own.configurationReading)
    .toResolvedValue((clock: Clock) => new ConfigurationReading(clock), [T.clock]);
  container
    .bind(Own.reload)
    .toResolvedValue(
      (audit: AuditRecorder, logger: Logger) => new Reload(audit, logger),
      [Own.audit, T.logger],
    );
}

/** Binds the configuration, to be read again and put in force before what it names. */
export function bindConfiguration(container: Container, source: ConfigSource): void {
  container.bind(Own.configApplier).toResolvedValue((logs: Logs) => logLevels(logs), [T.logs]);
  container
    .bind(Own.reloadable)
    .toResolvedValue(
      (
        preparers: ConfigPreparer[],
        appliers: ConfigApplier[],
        reading: ConfigurationReading,
        logger: Logger,
        config: Config,
      ) => new ConfigurationReload(source, { preparers, appliers }, reading, logger, config),
      [
        { serviceIdentifier: Own.configPreparer, isMultiple: true },
        { serviceIdentifier: Own.configApplier, isMultiple: true },
        ...[Own.configurationReading, T.logger, T.config],
      ] as const,
    );
}

function logLevels(logs: Logs): ConfigApplier {
  return {
    keys: ['log.level', 'log.levels'],
    apply: ({ log }) => {
      for (const component of LOG_COMPONENTS) logs.set(component, log.levels[component] ?? log.level);
    },
  };
}
