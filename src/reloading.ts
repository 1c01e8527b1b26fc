import { statSync } from 'node:fs';

import { type ConfigFault, faultText } from './adapters/config/config-fault.js';
import { changedKeys, isAmong, settingsOf } from './adapters/config/config-settings.js';
import type { Config } from './adapters/config/config.js';
import { liveConfig, putInForce } from './adapters/config/live-settings.js';
import type { ConfigResult } from './adapters/config/load-config.js';
import type { Clock } from './application/ports/clock.js';
import type { Logger } from './application/ports/logger.js';
import type { Change, Prepared, Reloadable } from './application/ports/reloadable.js';
import { preflight } from './preflight.js';
import { toldValues } from './told-settings.js';

/** Has to be told when some settings are in force: those that aren't just looked up each time they are needed. */
export interface ConfigApplier {
  /** Settings of `LIVE_SETTINGS`, or groups of them: `log.level`, `listeners[].limits`. */
  readonly keys: readonly string[];
  /** Called when one of them has changed. */
  apply(config: Config): void;
}

/** Makes something of settings before they are in force, as it may fail: files are read, addresses listened on. */
export interface ConfigPreparer {
  /** Settings of `LIVE_SETTINGS`, or groups of them. */
  readonly keys: readonly string[];
  /**
   * Called when one of them has changed.
   * @throws Error that says what is wrong, each fault in a line of its own: then nothing of the configuration is taken.
   */
  prepare(next: Config): Promise<Prepared>;
}

/** Where a broker's configuration comes from. */
export interface ConfigSource {
  /** Undefined where there is no file. */
  readonly file: string | undefined;
  readonly load: () => ConfigResult;
}

/** How the last reading of the configuration went, for whoever asks how the broker does. */
export class ConfigurationReading {
  /** Keys that the configuration says something else of than what is in force, until the broker is started anew. */
  needRestart: readonly string[] = [];
  /** What is wrong with it: nothing of it was taken. */
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

/** Who is told of changes. */
export interface ConfigListeners {
  readonly preparers: readonly ConfigPreparer[];
  readonly appliers: readonly ConfigApplier[];
}

/**
 * What the configuration says, read again while the broker runs: put in force as a whole or, where something is wrong
 * with it or with what it names, not at all. What has to wait for a restart is named.
 */
export class ConfigurationReload implements Reloadable {
  readonly name = 'configuration';
  readonly files: readonly string[];

  /** @param config What is in force, which is not always what the file says; made by `liveConfig`. */
  constructor(
    private readonly source: ConfigSource,
    private readonly listeners: ConfigListeners,
    private readonly reading: ConfigurationReading,
    private readonly logger: Logger,
    private readonly config: Config,
  ) {
    this.files = source.file === undefined ? [] : [source.file];
  }

  async reload(): Promise<Change> {
    try {
      requireContent(this.source.file);
      const change = await this.take(this.source.load());
      this.reading.took([]);
      return change;
    } catch (error) {
      this.reading.took((error as Error).message.split('\n'));
      throw error;
    }
  }

  private async take(loaded: ConfigResult): Promise<Change> {
    if ('faults' in loaded) throw faulty(loaded.faults);
    const { config } = loaded;
    const next = liveConfig(this.config);
    putInForce(next, config);
    const applied = changedKeys(settingsOf(this.config), settingsOf(next));
    const faults = await preflight(next, (path) => loaded.placeOf(path), applied);
    if (faults.length > 0) throw faulty(faults);
    const prepared = await this.prepare(next, applied);
    putInForce(this.config, config);
    for (const each of prepared) each.apply();
    for (const applier of concernedBy(applied, this.listeners.appliers)) applier.apply(this.config);
    return this.told(applied, changedKeys(settingsOf(this.config), settingsOf(config)));
  }

  private async prepare(next: Config, changed: readonly string[]): Promise<readonly Prepared[]> {
    const prepared: Prepared[] = [];
    try {
      for (const preparer of concernedBy(changed, this.listeners.preparers))
        prepared.push(await preparer.prepare(next));
      return prepared;
    } catch (error) {
      for (const each of prepared) each.discard?.();
      throw error;
    }
  }

  private told(keys: readonly string[], needRestart: readonly string[]): Change {
    const isNews = keys.length > 0 || needRestart.join() !== this.reading.needRestart.join();
    this.reading.needRestart = needRestart;
    if (needRestart.length > 0)
      this.logger.warn('some changes take a restart of the broker', { keys: needRestart.join(', ') });
    return isNews && { keys, settings: toldValues(this.config, keys), needRestart };
  }
}

function concernedBy<T extends { readonly keys: readonly string[] }>(
  changed: readonly string[],
  listeners: readonly T[],
): readonly T[] {
  return listeners.filter(({ keys }) => changed.some((key) => isAmong(key, keys)));
}

/** What a full disk leaves of a file that is written would put all defaults in force: no rules, no providers. */
function requireContent(file: string | undefined): void {
  if (file !== undefined && statSync(file, { throwIfNoEntry: false })?.size === 0)
    throw new Error(`${file}: is empty; write it anew, with {} in it if the defaults are meant`);
}

function faulty(faults: readonly ConfigFault[]): Error {
  return new Error(faults.map(faultText).join('\n'));
}
