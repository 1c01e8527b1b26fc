import { type ConfigFault, faultText } from './adapters/config/config-fault.js';
import { changedKeys, isAmong, type Setting, settingsOf } from './adapters/config/config-settings.js';
import type { Config } from './adapters/config/config.js';
import type { Logger } from './application/ports/logger.js';
import type { Change, Reloadable } from './application/ports/reloadable.js';

/** Puts some keys of the configuration in force while the broker runs. */
export interface ConfigApplier {
  /** The keys, or groups of them: `limits.inflightMax`, `log`, `listeners[].limits`. */
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

/** What the configuration says, read again while the broker runs; what has to wait for a restart is named. */
export class ConfigurationReload implements Reloadable {
  readonly name = 'configuration';
  readonly files: readonly string[];
  /** What is in force, which is not always what the file says. */
  private readonly inForce: Map<string, Setting>;

  /** @param config What the broker was started with. */
  constructor(
    private readonly source: ConfigSource,
    private readonly appliers: readonly ConfigApplier[],
    private readonly logger: Logger,
    config: Config,
  ) {
    this.files = source.file === undefined ? [] : [source.file];
    this.inForce = new Map(settingsOf(config));
  }

  reload(): Promise<Change> {
    const result = this.source.load();
    if ('config' in result) return Promise.resolve(this.take(result.config));
    return Promise.reject(new Error(result.faults.map(faultText).join('\n')));
  }

  private take(config: Config): Change {
    const next = settingsOf(config);
    const changed = changedKeys(this.inForce, next);
    const applied = changed.filter((key) => this.appliers.some(({ keys }) => isAmong(key, keys)));
    const needRestart = changed.filter((key) => !applied.includes(key));
    this.apply(applied, config);
    for (const key of applied) this.put(key, next.get(key));
    if (needRestart.length > 0)
      this.logger.warn('some changes take a restart of the broker', { keys: needRestart.join(', ') });
    return changed.length > 0 && { keys: applied, needRestart };
  }

  private apply(changed: readonly string[], config: Config): void {
    for (const applier of this.appliers)
      if (changed.some((key) => isAmong(key, applier.keys))) applier.apply(config);
  }

  private put(key: string, value: Setting | undefined): void {
    if (value === undefined) this.inForce.delete(key);
    else this.inForce.set(key, value);
  }
}
