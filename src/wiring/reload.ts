import { Container } from 'inversify';

import type { Config } from '../adapters/config/config.js';
import type { AuditRecorder } from '../application/audit-recorder.js';
import { LOG_COMPONENTS, type Logs } from '../application/ports/log-levels.js';
import type { Logger } from '../application/ports/logger.js';
import { Reload } from '../application/reload.js';
import { LiveLimits } from '../live-limits.js';
import { type ConfigApplier, ConfigurationReload, type ConfigSource } from '../reloading.js';
import { Own, T } from './tokens.js';

/**
 * Binds what is read anew while the broker runs, the configuration first.
 * @param source Undefined where the configuration can't be read again.
 */
export function bindReload(container: Container, source: ConfigSource | undefined): void {
  container.bind(Own.configApplier).toResolvedValue((config: Config) => new LiveLimits(config), [T.config]);
  container.bind(Own.configApplier).toResolvedValue((logs: Logs) => logLevels(logs), [T.logs]);
  if (source !== undefined) bindConfiguration(container, source);
  container
    .bind(Own.reload)
    .toResolvedValue(
      (audit: AuditRecorder, logger: Logger) => new Reload(container.getAll(Own.reloadable), audit, logger),
      [Own.audit, T.logger],
    );
}

function bindConfiguration(container: Container, source: ConfigSource): void {
  container
    .bind(Own.reloadable)
    .toResolvedValue(
      (config: Config, logger: Logger) =>
        new ConfigurationReload(source, container.getAll(Own.configApplier), logger, config),
      [T.config, T.logger],
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
