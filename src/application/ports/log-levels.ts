import type { Logger } from './logger.js';

/** The parts of the broker that log by themselves. */
export const LOG_COMPONENTS = ['broker', 'connections', 'database', 'audit', 'access', 'admin'] as const;
export type LogComponent = (typeof LOG_COMPONENTS)[number];

/** From the most severe on; a level takes in those before it. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How much each part of the broker logs; may change while it runs. */
export interface LogLevels {
  levels(): Readonly<Record<LogComponent, LogLevel>>;
  /**
   * In force from the next line on, until it is set anew, or the configuration is read again and says something else than before.
   * @param component Undefined for all of them.
   */
  set(component: LogComponent | undefined, level: LogLevel): void;
}

/** The operator's log as a whole. */
export interface Logs extends LogLevels {
  /** The log of one part; always the same for the same part. */
  component(name: LogComponent): Logger;
}
