import type { Writable } from 'node:stream';
import { pino, type Logger as Pino } from 'pino';
import { LOG_COMPONENTS, type LogComponent, type LogLevels } from '../../application/ports/log-levels.js';
import type { LogFields, Logger } from '../../application/ports/logger.js';
import { BoundedDestination } from './bounded-destination.js';
import { readableLine } from './readable-line.js';

/** How the log is written. */
export interface PinoLoggerOptions {
  readonly level: Level;
  /** `auto`: readable on a terminal, JSON lines else. */
  readonly format: 'json' | 'pretty' | 'auto';
  /** Takes whole lines, each with its line end. Standard error when absent. */
  readonly destination?: Pick<Writable, 'write' | 'on' | 'writableLength'>;
  /** Whether the destination is a terminal. */
  readonly isTerminal?: boolean;
}

type Level = 'error' | 'warn' | 'info' | 'debug';

const WAITING_BYTES_MAX = 1_048_576;

/**
 * Writes the operator's log with pino. Never throws, and never waits for who reads the log: when 1 MiB
 * waits for it, further lines are lost, and a line says how many once there is room again.
 *
 * Pino's own destination is not used: when its reader has gone it tries for ever to write the rest at the
 * exit of the process, which then never ends.
 */
export class PinoLogger implements Logger, LogLevels {
  private readonly pino: Pino;
  private readonly destination: BoundedDestination;

  constructor(options: PinoLoggerOptions) {
    const destination = new BoundedDestination(options.destination ?? process.stderr, WAITING_BYTES_MAX);
    const isTerminal = options.isTerminal ?? process.stderr.isTTY;
    const isReadable = options.format === 'pretty' || (options.format === 'auto' && isTerminal);
    this.destination = destination;
    this.pino = pino(
      {
        level: options.level,
        base: null,
        messageKey: 'message',
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      isReadable ? { write: (line) => destination.write(readableLine(line)) } : destination,
    );
  }

  levels(): Readonly<Record<LogComponent, Level>> {
    const level = this.pino.level as Level;
    return Object.fromEntries(LOG_COMPONENTS.map((name) => [name, level])) as Record<LogComponent, Level>;
  }

  /** All components write to the one log, and have its level. */
  set(_component: LogComponent | undefined, level: Level): void {
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
  private write(level: Level, message: string, fields?: LogFields): void {
    const lost = this.destination.takeLostCount();
    if (lost > 0)
      this.pino.warn({ message: 'lines of the log were lost: it was not read fast enough', lost });
    this.pino[level]({ ...fields, message });
  }
}
