import { execFile } from 'node:child_process';
import type { Clock } from '../../application/ports/clock.js';
import type { Logger } from '../../application/ports/logger.js';

/** What a service manager needs to know of a service of `Type=notify`: see sd_notify(3). */
export interface ServiceManager {
  /** The broker takes clients. @param status For people, on one line. */
  ready(status: string): void;
  stopping(): void;
}

/** Runs a program with this environment; calls back when it has ended, with what went wrong. */
export type RunProgram = (
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  done: (error: Error | null) => void,
) => void;

/** What a {@link ServiceManager} works with. */
export interface ServiceManagerParts {
  /** The process's own. `NOTIFY_SOCKET` is taken out, so that no process of ours can speak for the broker. */
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly run?: RunProgram;
}

/** A message that isn't taken within so long is given up. Milliseconds. */
const MESSAGE_MS_MAX = 10_000;

/** Nobody listens. */
const NOBODY: ServiceManager = { ready: () => undefined, stopping: () => undefined };

/** The service manager that has started the process, if there is one that wants to be told. */
export function serviceManager(parts: ServiceManagerParts): ServiceManager {
  const { env } = parts;
  const socket = env['NOTIFY_SOCKET'];
  if (socket === undefined) return NOBODY;
  delete env['NOTIFY_SOCKET'];
  return new Systemd(parts, socket);
}

/**
 * Tells systemd by its program `systemd-notify`, as Node.js can't write to the kind of socket that it listens on; the unit
 * needs `NotifyAccess=all` for it. The watchdog is fed from a timer of the event loop: if that is stuck, it starves.
 */
class Systemd implements ServiceManager {
  private isFeeding = false;

  constructor(
    private readonly parts: ServiceManagerParts,
    private readonly socket: string,
  ) {}

  ready(status: string): void {
    this.send(['READY=1', `STATUS=${status}`]);
    const watchdogMs = Number(this.parts.env['WATCHDOG_USEC'] ?? 0) / 1000;
    if (watchdogMs > 0) this.parts.clock.every(Math.floor(watchdogMs / 3), () => this.feed());
  }

  stopping(): void {
    this.send(['STOPPING=1']);
  }

  /** One at a time, however slow they are. */
  private feed(): void {
    if (this.isFeeding) return;
    this.isFeeding = true;
    this.send(['WATCHDOG=1'], () => (this.isFeeding = false));
  }

  private send(message: readonly string[], done: () => void = () => undefined): void {
    const { env, logger, run = runProgram } = this.parts;
    run('systemd-notify', message, { ...env, NOTIFY_SOCKET: this.socket }, (error) => {
      done();
      if (error !== null)
        logger.error('systemd could not be told how the broker is: it may end the broker for it', {
          error: error.message.trim(),
          message: message.join(' '),
        });
    });
  }
}

const runProgram: RunProgram = (program, args, env, done) => {
  execFile(program, args, { env, timeout: MESSAGE_MS_MAX }, (error) => done(error));
};
