import { pino, type DestinationStream, type Logger as Pino } from 'pino';
import type { LogFields, Logger } from '../../application/ports/logger.js';
import { readableLine } from './readable-line.js';

/** How the log is written. */
export interface PinoLoggerOptions {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** `auto`: readable on a terminal, JSON lines else. */
  readonly format: 'json' | 'pretty' | 'auto';
  /** Takes whole lines, each with its line end. Standard error when absent. */
  readonly destination?: DestinationStream;
  /** Whether the destination is a terminal. */
  readonly isTerminal?: boolean;
}

/** What may wait for a reader of the log that has stopped reading; lines past it are lost, the broker goes on. */
const WAITING_BYTES_MAX = 1_048_576;

/** Writes the operator's log with pino. Never throws, and never waits for who reads the log. */
export class PinoLogger implements Logger {
  private readonly pino: Pino;

  constructor(options: PinoLoggerOptions) {
    const destination = options.destination ?? standardError();
    const isTerminal = options.isTerminal ?? process.stderr.isTTY;
    const isReadable = options.format === 'pretty' || (options.format === 'auto' && isTerminal);
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

  error(message: string, fields: LogFields = {}): void {
    this.pino.error(fields, message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.pino.warn(fields, message);
  }

  info(message: string, fields: LogFields = {}): void {
    this.pino.info(fields, message);
  }

  debug(message: string, fields: LogFields = {}): void {
    this.pino.debug(fields, message);
  }
}

/** Writes behind the event loop's back: a full pipe must not stop the broker. Pino flushes it when the process exits. */
function standardError(): DestinationStream {
  return pino.destination({ dest: process.stderr.fd, sync: false, maxLength: WAITING_BYTES_MAX });
}
