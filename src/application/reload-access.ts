import type { AccessRules } from './access-rules.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { BrokerState } from './broker-state.js';
import type { PolicySource } from './ports/policy-source.js';
import type { Reloadable } from './ports/reloadable.js';
import type { RuleSource } from './ports/rule-source.js';
import type { ReviewSubscriptions } from './review-subscriptions.js';

/** What `ReloadAccess` works with. */
export interface ReloadAccessDependencies {
  readonly rules: AccessRules;
  /** What connected clients get from the rules. */
  readonly policies: PolicySource;
  readonly state: BrokerState;
  readonly reviewSubscriptions: ReviewSubscriptions;
  readonly audit: AuditRecorder;
}

/** Reads access rules anew while clients are connected: what they say then counts for these, too. */
export class ReloadAccess implements Reloadable {
  readonly name = 'access rules';
  readonly files: readonly string[];

  constructor(private readonly deps: ReloadAccessDependencies) {
    this.files = deps.rules.sources.flatMap(({ files }) => files);
  }

  /** Before the first client is let in. @throws Error that names the faults of the sources that can't be read. */
  readFirst(): Promise<void> {
    return this.deps.rules.readAll();
  }

  /** A source that can't be read stays as it was, and keeps no other from being read. */
  async reload(): Promise<boolean> {
    const faults: string[] = [];
    let isChanged = false;
    for (const source of this.deps.rules.sources) {
      try {
        if (await this.readAnew(source)) isChanged = true;
      } catch (error) {
        faults.push(error instanceof Error ? error.message : String(error));
      }
    }
    if (isChanged) this.apply();
    if (faults.length > 0) throw new Error(faults.join('\n'));
    return isChanged;
  }

  /** Calls the listener when rules that don't come from files may have changed. */
  onChange(changed: () => void): void {
    for (const source of this.deps.rules.sources) source.onChange?.(changed);
  }

  private async readAnew(source: RuleSource): Promise<boolean> {
    const change = await this.deps.rules.read(source);
    if (change === undefined) return false;
    const { before, after } = change;
    const details = { source: source.name, before: before?.digest ?? null, after: after.digest };
    this.deps.audit.record('access.changed', {}, { details: { ...details, rules: after.ruleCount } });
    return true;
  }

  private apply(): void {
    const { policies, state, reviewSubscriptions } = this.deps;
    for (const session of state.sessions.values()) {
      // What an absent client may be sent is seen when it is back.
      if (!state.clients.has(session.clientId)) session.reach = undefined;
    }
    for (const client of state.clients.values()) {
      client.access = policies.policyFor(client.principal, client.session.clientId);
      reviewSubscriptions.review(client);
    }
  }
}
