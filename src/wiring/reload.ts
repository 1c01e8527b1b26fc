import { Container } from 'inversify';

import type { Config } from '../adapters/config/config.js';
import { LOG_COMPONENTS, type Logs } from '../application/ports/log-levels.js';
import { LiveLimits } from '../live-limits.js';
import type { Reloadable } from '../reloading.js';
import { Own, T } from './tokens.js';

/** Binds what takes the configuration anew while the broker runs. */
export function bindReload(container: Container): void {
  container.bind(Own.reloadable).toResolvedValue((config: Config) => new LiveLimits(config), [T.config]);
  container.bind(Own.reloadable).toResolvedValue((logs: Logs) => logLevels(logs), [T.logs]);
}

/** The levels of the log. */
function logLevels(logs: Logs): Reloadable {
  return {
    keys: ['log.level', 'log.levels'],
    reload: ({ log }) => {
      for (const component of LOG_COMPONENTS) logs.set(component, log.levels[component] ?? log.level);
    },
  };
}
