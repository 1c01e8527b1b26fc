import { Container } from 'inversify';

import type { Config } from '../adapters/config/config.js';
import { ProcessMemory } from '../adapters/process/process-memory.js';
import { MemoryWatch } from '../application/memory-watch.js';
import type { Logger } from '../application/ports/logger.js';
import { Own, T } from './tokens.js';

/** Binds the watch over the process's memory. */
export function bindMemory(container: Container): void {
  container
    .bind(Own.memory)
    .toResolvedValue(
      ({ limits }: Config, logger: Logger) => new MemoryWatch(new ProcessMemory(limits), logger),
      [T.config, T.logger],
    );
}
