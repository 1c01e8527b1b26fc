import { type ConfigFault, faultText } from './adapters/config/config-fault.js';
import { changedKeys, isAmong, settingsOf } from './adapters/config/config-settings.js';
import type { Config } from './adapters/config/config.js';
import { putInForce } from './adapters/config/live-settings.js';
import type { Clock } from './application/ports/clock.js';
import type { Logger } from './application/ports/logger.js';
import type { Change, Reloadable } from './application/ports/reloadable.js';

/** Has to be told when some settings are in force: those that aren't just looked up each time they are needed. */
export interface ConfigApplier {
  /** Settings of `LIVE_SETTINGS`, or groups of them: `log.level`, `listeners[].limits`. */
  readonly keys: readonly string[];
  /** Called when one of them has changed. */
  apply(config: Config): void;
}

/** Where a broker's configuration comes from. */
export interface ConfigSource {
  /** Undefined where there is no file. */
  readonly file: string | undefined;
  readonly load: () => { readonly config: Config } | { readonly faults: readonly ConfigFault[] };
}

/** How the last reading of the configuration went, for whoever asks how the broker does. */
export class ConfigurationReading {
  /** Keys that the configuration says something else of than what is in force, until the broker is started anew. */
  needRestart: readonly string[] = [];
  /** What is wrong with it: with this the broker would not start. */
  faults: readonly string[] = [];
  /** When it was read last, in milliseconds since the epoch. */
  readAtMs: number;

  constructor(private readonly clock: Pick<Clock, 'nowMs'>) {
    this.readAtMs = clock.nowMs();
  }

  /** It was read just now. */
  took(faults: readonly string[]): void {
    this.readAtMs = this.clock.nowMs();
    this.faults = faults;
  }
}

/** What the configuration says, read again while the broker runs; what has to wait for a restart is named. */
export class ConfigurationReload implements Reloadable {
  readonly name = 'configuration';
  readonly files: readonly string[];

  /** @param config What is in force, which is not always what the file says; made by `liveConfig`. */
  constructor(
    private readonly source: ConfigSource,
    private readonly appliers: readonly ConfigApplier[],
    private readonly reading: ConfigurationReading,
    private readonly logger: Logger,
    private readonly config: Config,
  ) {
    this.files = source.file === undefined ? [] : [source.file];
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async reload(): Promise<Change> {
    const result = this.source.load();
    this.reading.took('faults' in result ? result.faults.map(faultText) : []);
    if ('config' in result) return this.take(result.config);
    throw new Error(this.reading.faults.join('\n'));
  }

  private take(config: Config): Change {
    const before = settingsOf(this.config);
    putInForce(this.config, config);
    const applied = changedKeys(before, settingsOf(this.config));
    const needRestart = changedKeys(settingsOf(this.config), settingsOf(config));
    this.tell(applied);
    const isNews = applied.length > 0 || needRestart.join() !== this.reading.needRestart.join();
    this.reading.needRestart = needRestart;
    if (needRestart.length > 0)
      this.logger.warn('some changes take a restart of the broker', { keys: needRestart.join(', ') });
    return isNews && { keys: applied, needRestart };
  }

  private tell(changed: readonly string[]): void {
    for (const applier of this.appliers)
      if (changed.some((key) => isAmong(key, applier.keys))) applier.apply(this.config);
  }
}
