import type { AuditRecorder } from './audit-recorder.js';
import type { Logger } from './ports/logger.js';
import type { Reloadable } from './ports/reloadable.js';

/** Why something is read anew. */
export type ReloadTrigger = 'signal' | 'file_changed' | 'table_changed';

/** Reads anew what came from files, one thing after another; what fails stays as it was, and touches nothing else. */
export class Reload {
  private last: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly audit: AuditRecorder,
    private readonly logger: Logger,
  ) {}

  /** Reads all of these anew, in this order. */
  async reloadAll(reloadables: readonly Reloadable[], trigger: ReloadTrigger): Promise<void> {
    await Promise.all(reloadables.map((reloadable) => this.reload(reloadable, trigger)));
  }

  /** Reads one thing anew, once what was asked for before is done. */
  reload(reloadable: Reloadable, trigger: ReloadTrigger): Promise<void> {
    this.last = this.last.then(() => (this.isStopped ? undefined : this.readAnew(reloadable, trigger)));
    return this.last;
  }

  /** Reads nothing more. Resolves when what is under way is done. */
  stop(): Promise<void> {
    this.isStopped = true;
    return this.last;
  }

  private async readAnew(reloadable: Reloadable, trigger: ReloadTrigger): Promise<void> {
    const { name } = reloadable;
    try {
      const change = await reloadable.reload();
      const isChanged = change !== false;
      this.logger.info(isChanged ? 'read anew' : 'read anew: nothing is different', { what: name, trigger });
      const details = { what: name, trigger, ...(change === true ? {} : change) };
      if (isChanged) this.audit.record('configuration.changed', {}, { details });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.error('could not be read anew: the old one stays', { what: name, trigger, error: reason });
      const details = { what: name, trigger, isKept: true };
      this.audit.refused('configuration.changed', {}, { reason, details });
    }
  }
}
