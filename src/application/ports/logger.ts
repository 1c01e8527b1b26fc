/** What a log record may carry beside its message; never payloads, passwords or tokens. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * The operator's log. Never called per message.
 * `error` means that a human must act now; misbehaviour of a client is `info` or `debug`.
 */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
}
