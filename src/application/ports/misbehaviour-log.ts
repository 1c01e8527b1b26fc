import type { LogFields } from './logger.js';

/**
 * Where misbehaviour of clients is told. What one client can cause again and again must not
 * fill the operator's disk, so lines of the same reason are limited.
 */
export interface MisbehaviourLog {
  /**
   * @param reason What lines are counted by: one of a fixed few, never a text that a client chose.
   */
  report(reason: string, message: string, fields?: LogFields): void;
}
