import type { AccessAction, AccessRule } from '../../src/domain/access/access-rule.js';
import { ACTION_GROUPS } from '../../src/domain/access/access-rule.js';
import type { RuleContent, RuleSource } from '../../src/application/ports/rule-source.js';
import { AclRules } from '../../src/domain/access/acl-rules.js';

/** A rule in the words of its text: `allow read a/#`, `deny publish,retain b`. */
export function rule(text: string, qosMax?: 0 | 1 | 2): AccessRule {
  const [effect, words = '', ...filter] = text.split(' ');
  const actions = words.split(',').flatMap((word) => ACTION_GROUPS[word] ?? [word as AccessAction]);
  return {
    ...{ effect: effect as 'allow' | 'deny', actions, filter: filter.join(' '), qosMax },
    ...{ provider: 'roles', source: 'test' },
  };
}

/** Rules for everybody, which a test can change. */
export class MadeUpRules implements RuleSource {
  readonly name = 'made up';
  readonly files = [];
  /** What reading fails with. */
  fault: string | undefined;

  constructor(public texts: readonly string[]) {}

  async read(): Promise<RuleContent> {
    if (this.fault !== undefined) throw new Error(this.fault);
    const patterns = this.texts.map((text) => rule(text));
    const book = new AclRules({ anonymous: [], users: new Map(), patterns });
    return { book, digest: this.texts.join('\n'), ruleCount: patterns.length };
  }
}
