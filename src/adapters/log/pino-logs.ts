import type { Writable } from 'node:stream';
import { pino } from 'pino';
import {
  LOG_COMPONENTS,
  type LogComponent,
  type LogLevel,
  type Logs,
} from '../../application/ports/log-levels.js';
import { BoundedDestination } from './bounded-destination.js';
import { PinoLogger } from './pino-logger.js';
import { readableLine } from './readable-line.js';

/** How the log is written. */
export interface PinoLogsOptions {
  readonly level: LogLevel;
  /** Of parts that log more or less than the rest. */
  readonly levels?: Readonly<Partial<Record<LogComponent, LogLevel | undefined>>>;
  /** `auto`: readable on a terminal, JSON lines else. Looked at for each line. */
  readonly format: 'json' | 'pretty' | 'auto';
  /** Takes whole lines, each with its line end. Standard error when absent. */
  readonly destination?: Pick<Writable, 'write' | 'on' | 'writableLength'>;
  /** Whether the destination is a terminal. */
  readonly isTerminal?: boolean;
}

const WAITING_BYTES_MAX = 1_048_576;

/**
 * Writes the operator's log with pino. Never throws, and never waits for who reads the log: when 1 MiB
 * waits for it, further lines are lost, and a line says how many once there is room again.
 *
 * Pino's own destination is not used: when its reader has gone it tries for ever to write the rest at the
 * exit of the process, which then never ends.
 */
export class PinoLogs implements Logs {
  private readonly loggers: ReadonlyMap<LogComponent, PinoLogger>;

  constructor(options: PinoLogsOptions) {
    const destination = new BoundedDestination(options.destination ?? process.stderr, WAITING_BYTES_MAX);
    const isTerminal = options.isTerminal ?? process.stderr.isTTY;
    const textOf = (line: string): string =>
      options.format === 'pretty' || (options.format === 'auto' && isTerminal) ? readableLine(line) : line;
    const root = pino(
      {
        base: null,
        messageKey: 'message',
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      { write: (line) => destination.write(textOf(line)) },
    );
    const loggers = LOG_COMPONENTS.map(
      (component) => [component, new PinoLogger(root.child({ component }), destination)] as const,
    );
    this.loggers = new Map(loggers);
    for (const [name, logger] of this.loggers) logger.level = options.levels?.[name] ?? options.level;
  }

  component(name: LogComponent): PinoLogger {
    const logger = this.loggers.get(name);
    if (logger === undefined) throw new RangeError(`there is no part of the broker named ${name}`);
    return logger;
  }

  levels(): Readonly<Record<LogComponent, LogLevel>> {
    const levels = [...this.loggers].map(([name, { level }]) => [name, level] as const);
    return Object.fromEntries(levels) as Record<LogComponent, LogLevel>;
  }

  set(component: LogComponent | undefined, level: LogLevel): void {
    for (const name of component === undefined ? LOG_COMPONENTS : [component])
      this.component(name).level = level;
  }
}
