import type { AccessPolicy } from '../domain/access/access-policy.js';
import { PolicyCompiler } from '../domain/access/policy-compiler.js';
import type { Principal } from '../domain/access/principal.js';
import type { ClientId } from '../domain/client-id.js';
import type { PolicySource } from './ports/policy-source.js';
import type { RuleContent, RuleSource } from './ports/rule-source.js';

/** What a source said before, and what it says now. */
export interface RuleChange {
  readonly before: RuleContent | undefined;
  readonly after: RuleContent;
}

/** The rules of all sources as they were read last. */
export class AccessRules implements PolicySource {
  private readonly contents = new Map<RuleSource, RuleContent>();
  private compiler: PolicyCompiler;

  /** @param isRestricted Whether clients for whom nobody has rules may do nothing; else they may do everything. */
  constructor(
    readonly sources: readonly RuleSource[],
    private readonly isRestricted: boolean,
  ) {
    this.compiler = this.compile();
  }

  policyFor(principal: Principal, clientId: ClientId): AccessPolicy {
    return this.compiler.policyFor(principal, clientId);
  }

  /** Reads all sources. @throws Error that names the faults of the sources that can't be read. */
  async readAll(): Promise<void> {
    const outcomes = await Promise.allSettled(this.sources.map((source) => this.read(source)));
    const faults = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [(outcome.reason as Error).message] : [],
    );
    if (faults.length > 0) throw new Error(faults.join('\n'));
  }

  /**
   * Reads one source; a source that can't be read stays as it was.
   * @returns what has changed; undefined when nothing has.
   * @throws Error that names the faults.
   */
  async read(source: RuleSource): Promise<RuleChange | undefined> {
    const after = await source.read();
    const before = this.contents.get(source);
    if (before?.digest === after.digest) return undefined;
    this.contents.set(source, after);
    this.compiler = this.compile();
    return { before, after };
  }

  private compile(): PolicyCompiler {
    const books = this.sources.flatMap((source) => this.contents.get(source)?.book ?? []);
    return new PolicyCompiler(books, this.isRestricted);
  }
}
