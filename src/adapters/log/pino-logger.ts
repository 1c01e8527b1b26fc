import type { Logger as Pino } from 'pino';
import type { LogLevel } from '../../application/ports/log-levels.js';
import type { LogFields, Logger } from '../../application/ports/logger.js';
import type { BoundedDestination } from './bounded-destination.js';

/** The log of one part of the broker. Never throws. */
export class PinoLogger implements Logger {
  constructor(
    private readonly pino: Pino,
    private readonly destination: BoundedDestination,
  ) {}

  get level(): LogLevel {
    return this.pino.level as LogLevel;
  }

  set level(level: LogLevel) {
    this.pino.level = level;
  }

  error(message: string, fields?: LogFields): void {
    this.write('error', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.write('warn', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.write('info', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.write('debug', message, fields);
  }

  /** The message goes as a field, so that a percent sign in it is no format. */
  private write(level: LogLevel, message: string, fields?: LogFields): void {
    const lost = this.destination.takeLostCount();
    if (lost > 0)
      this.pino.warn({ message: 'lines of the log were lost: it was not read fast enough', lost });
    this.pino[level]({ ...fields, message });
  }
}
