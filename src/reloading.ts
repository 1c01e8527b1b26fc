import { type ConfigFault, faultText } from './adapters/config/config-fault.js';
import { changedKeys, isAmong, type Setting, settingsOf } from './adapters/config/config-settings.js';
import type { Config } from './adapters/config/config.js';
import type { AuditRecorder } from './application/audit-recorder.js';
import type { Logger } from './application/ports/logger.js';

/** A part of the broker that takes some keys of the configuration anew while it runs. */
export interface Reloadable {
  /** The keys that it takes, or groups of them: `limits.inflightMax`, `log`, `listeners[].tls`. */
  readonly keys: readonly string[];
  /**
   * Takes them. Called each time the configuration is read again, whether or not they changed, so that files which they
   * name are read again as well.
   * @throws Error when it can't: all stays as it was then.
   */
  reload(config: Config): void | Promise<void>;
}

/** What reading the configuration again has led to. Keys as in `listeners[0].port`, sorted. */
export interface ReloadOutcome {
  /** In force from now on. */
  readonly applied: readonly string[];
  /** Changed in the configuration, and in force only after a restart. */
  readonly needRestart: readonly string[];
  /** Changed in the configuration, but what takes them failed. */
  readonly failed: readonly string[];
}

/** What a {@link ConfigurationReload} works with. */
export interface ReloadParts {
  /** What the broker was started with. */
  readonly config: Config;
  /** Reads the configuration anew. */
  readonly load: () => { readonly config: Config } | { readonly faults: readonly ConfigFault[] };
  readonly reloadables: readonly Reloadable[];
  readonly audit: AuditRecorder;
  readonly logger: Logger;
}

/** Reads the configuration again while the broker runs, and names what has to wait for a restart. */
export class ConfigurationReload {
  /** What is in force, which is not always what the file says. */
  private readonly inForce: Map<string, Setting>;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: ReloadParts) {
    this.inForce = new Map(settingsOf(parts.config));
  }

  /** Reads it again, one call after the other. @returns undefined when it is faulty: nothing has changed then. */
  reload(): Promise<ReloadOutcome | undefined> {
    const outcome = this.last.then(() => this.reloadNow());
    this.last = outcome;
    return outcome;
  }

  private async reloadNow(): Promise<ReloadOutcome | undefined> {
    const { load, logger } = this.parts;
    const result = load();
    if ('config' in result) return this.take(result.config);
    logger.error('the configuration is faulty: everything stays as it was');
    for (const fault of result.faults) logger.error(faultText(fault));
    return undefined;
  }

  private async take(config: Config): Promise<ReloadOutcome> {
    const next = settingsOf(config);
    const changed = changedKeys(this.inForce, next);
    const [taken, refused] = await this.offer(config);
    const failed = changed.filter((key) => isAmong(key, refused));
    const applied = changed.filter((key) => isAmong(key, taken) && !failed.includes(key));
    const needRestart = changed.filter((key) => !applied.includes(key) && !failed.includes(key));
    for (const key of applied) this.put(key, next.get(key));
    const outcome = { applied, needRestart, failed };
    this.tell(outcome);
    return outcome;
  }

  /** @returns the keys of those that took it, and of those that failed. */
  private async offer(config: Config): Promise<[string[], string[]]> {
    const { logger, reloadables } = this.parts;
    const taken: string[] = [];
    const refused: string[] = [];
    for (const reloadable of reloadables) {
      const { keys } = reloadable;
      try {
        await reloadable.reload(config);
        taken.push(...keys);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        logger.error(`${keys.join(', ')} can't be taken anew and stay as they were: ${reason}`);
        refused.push(...keys);
      }
    }
    return [taken, refused];
  }

  private put(key: string, value: Setting | undefined): void {
    if (value === undefined) this.inForce.delete(key);
    else this.inForce.set(key, value);
  }

  private tell(outcome: ReloadOutcome): void {
    const { audit, logger } = this.parts;
    const { applied, failed, needRestart } = outcome;
    logger.info(
      'the configuration was read again',
      applied.length > 0 ? { changed: applied.join(', ') } : {},
    );
    if (needRestart.length > 0)
      logger.warn('some changes take a restart of the broker', { keys: needRestart.join(', ') });
    if (applied.length + failed.length + needRestart.length === 0) return;
    audit.record('configuration.changed', {}, { reason: 'reload', details: { ...outcome } });
  }
}
