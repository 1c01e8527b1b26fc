import type { AccessRules, RuleChange, RuleOrigins } from './access-rules.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { BrokerState } from './broker-state.js';
import type { PolicySource } from './ports/policy-source.js';
import type { Prepared, Reloadable } from './ports/reloadable.js';
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
  /** Who tell of changes by themselves, and are listened to. */
  private readonly heard = new WeakSet<RuleSource>();
  private changed: () => void = () => undefined;

  constructor(private readonly deps: ReloadAccessDependencies) {}

  get files(): readonly string[] {
    return this.deps.rules.sources.flatMap(({ files }) => files);
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

  /** Reads the sources that are to take the place of those there are. @throws Error that names the faults of all. */
  async prepare(origins: RuleOrigins): Promise<Prepared> {
    const take = await this.deps.rules.prepare(origins);
    const apply = (): void => {
      for (const change of take()) this.tell(change);
      this.listen();
      this.apply();
    };
    return { apply };
  }

  /** Calls the listener when rules that don't come from files may have changed. */
  onChange(changed: () => void): void {
    this.changed = changed;
    this.listen();
  }

  private listen(): void {
    const { rules } = this.deps;
    for (const source of rules.sources) {
      if (this.heard.has(source)) continue;
      this.heard.add(source);
      source.onChange?.(() => {
        if (rules.sources.includes(source)) this.changed();
      });
    }
  }

  private async readAnew(source: RuleSource): Promise<boolean> {
    const change = await this.deps.rules.read(source);
    if (change !== undefined) this.tell(change);
    return change !== undefined;
  }

  private tell({ source, before, after }: RuleChange): void {
    const digests = { before: before?.digest ?? null, after: after?.digest ?? null };
    const details = { source, ...digests, rules: after?.ruleCount ?? 0 };
    this.deps.audit.record('access.changed', {}, { details });
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
