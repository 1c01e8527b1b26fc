import type { AccessPolicy } from '../domain/access/access-policy.js';
import { PolicyCompiler } from '../domain/access/policy-compiler.js';
import type { Principal } from '../domain/access/principal.js';
import type { ClientId } from '../domain/client-id.js';
import type { PolicySource } from './ports/policy-source.js';
import type { RuleContent, RuleSource } from './ports/rule-source.js';

/** Where rules come from. */
export interface RuleOrigins {
  readonly sources: readonly RuleSource[];
  /** Whether clients for whom nobody has rules may do nothing; else they may do everything. */
  readonly isRestricted: boolean;
}

/** What a source said before, and what it says now; undefined while it is none. */
export interface RuleChange {
  /** The name of the source. */
  readonly source: string;
  readonly before: RuleContent | undefined;
  readonly after: RuleContent | undefined;
}

type Contents = ReadonlyMap<RuleSource, RuleContent>;

/** The rules of all sources as they were read last. */
export class AccessRules implements PolicySource {
  private contents: Contents = new Map();
  private compiler: PolicyCompiler;

  constructor(private origins: RuleOrigins) {
    this.compiler = this.compile();
  }

  get sources(): readonly RuleSource[] {
    return this.origins.sources;
  }

  policyFor(principal: Principal, clientId: ClientId): AccessPolicy {
    return this.compiler.policyFor(principal, clientId);
  }

  /** Reads all sources. @throws Error that names the faults of the sources that can't be read. */
  async readAll(): Promise<void> {
    (await this.prepare(this.origins))();
  }

  /**
   * Reads the sources that are to take the place of those there are.
   * @returns what has them do so, and tells what has changed.
   * @throws Error that names the faults of all that can't be read.
   */
  async prepare(origins: RuleOrigins): Promise<() => readonly RuleChange[]> {
    const contents = await readSources(origins.sources);
    return () => {
      const changes = changesBetween(this.contents, contents);
      this.origins = origins;
      this.contents = contents;
      this.compiler = this.compile();
      return changes;
    };
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
    this.contents = new Map(this.contents).set(source, after);
    this.compiler = this.compile();
    return { source: source.name, before, after };
  }

  private compile(): PolicyCompiler {
    const { sources, isRestricted } = this.origins;
    const books = sources.flatMap((source) => this.contents.get(source)?.book ?? []);
    return new PolicyCompiler(books, isRestricted);
  }
}

async function readSources(sources: readonly RuleSource[]): Promise<Contents> {
  const outcomes = await Promise.allSettled(
    sources.map(async (source) => [source, await source.read()] as const),
  );
  const faults = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [(outcome.reason as Error).message] : [],
  );
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return new Map(outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])));
}

function changesBetween(before: Contents, after: Contents): readonly RuleChange[] {
  const [old, present] = [byName(before), byName(after)];
  return [...new Set([...old.keys(), ...present.keys()])]
    .map((source) => ({ source, before: old.get(source), after: present.get(source) }))
    .filter((change) => change.before?.digest !== change.after?.digest);
}

function byName(contents: Contents): ReadonlyMap<string, RuleContent> {
  return new Map(Array.from(contents, ([{ name }, content]) => [name, content]));
}
