import type { Config } from './adapters/config/config.js';
import type { Logger } from './application/ports/logger.js';
import type { Prepared } from './application/ports/reloadable.js';
import type { ConfigPreparer } from './reloading.js';

/** Something that serves at an address of its own. */
export interface AddressServer {
  /** May be called again after a stop. @throws Error that says what to do, when the address can't be had. */
  start(): Promise<void>;
  /** Ends what is under way. */
  stop(): Promise<void>;
}

/** What a configuration says of a server. */
export interface ReplaceableServerOptions<S extends AddressServer> {
  /** The settings that make it another one. */
  readonly keys: readonly string[];
  /** @returns undefined where it is switched off. */
  readonly make: (config: Config) => S | undefined;
  readonly logger: Logger;
}

/** A server, or none, in whose place comes another when the configuration says so. */
export class ReplaceableServer<S extends AddressServer> implements ConfigPreparer {
  readonly keys: readonly string[];
  private server: S | undefined;

  constructor(
    config: Config,
    private readonly options: ReplaceableServerOptions<S>,
  ) {
    this.keys = options.keys;
    this.server = options.make(config);
  }

  /** Undefined where it is switched off. */
  get current(): S | undefined {
    return this.server;
  }

  async start(): Promise<void> {
    await this.server?.start();
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }

  /** The one before ends first, as both may want the same port; it is started again where the new one can't be. */
  async prepare(next: Config): Promise<Prepared> {
    const [before, after] = [this.server, this.options.make(next)];
    const back = async (): Promise<void> => {
      await after?.stop();
      await before?.start();
    };
    await before?.stop();
    try {
      await after?.start();
    } catch (error) {
      await back();
      throw error;
    }
    return {
      apply: () => void (this.server = after),
      discard: () => void back().catch((error: unknown) => this.tell(error)),
    };
  }

  private tell(error: unknown): void {
    this.options.logger.error('a server could not be started again', { reason: String(error) });
  }
}
