import {
  ACCESS_ACTIONS,
  ACTION_GROUPS,
  type AccessRule,
  filterFault,
} from '../../domain/access/access-rule.js';
import type { AclContent } from '../../domain/access/acl-rules.js';

/** A line that isn't as it has to be. */
export interface AclFault {
  /** Counts from 1. */
  readonly line: number;
  readonly problem: string;
}

/** The rules of an ACL file, and all that is wrong with it. */
export interface ParsedAcl extends AclContent {
  readonly ruleCount: number;
  readonly faults: readonly AclFault[];
}

/** What the access words of a line stand for. */
const ACCESS: Readonly<Record<string, Pick<AccessRule, 'effect' | 'actions'>>> = {
  read: { effect: 'allow', actions: ACTION_GROUPS['read'] ?? [] },
  write: { effect: 'allow', actions: ACTION_GROUPS['write'] ?? [] },
  readwrite: { effect: 'allow', actions: ACCESS_ACTIONS },
  deny: { effect: 'deny', actions: ACCESS_ACTIONS },
};

/**
 * Reads the format of mosquitto's `acl_file`:
 *
 *     # a comment
 *     topic [read|write|readwrite|deny] <topic>     for clients without a user name
 *     user <name>                                   the topic lines that follow are for this user
 *     pattern [read|write|readwrite|deny] <topic>   for everybody, with %c and %u
 *
 * @param fileName Names the rules: `acl.conf` for `acl.conf:12`.
 */
export function parseAcl(text: string, fileName: string): ParsedAcl {
  const anonymous: AccessRule[] = [];
  const users = new Map<string, AccessRule[]>();
  const patterns: AccessRule[] = [];
  const faults: AclFault[] = [];
  let own = anonymous;
  let ruleCount = 0;
  text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .forEach((content, index) => {
      const line = index + 1;
      const parsed = parseLine(content, `${fileName}:${line}`);
      if (parsed === undefined) return;
      if ('problem' in parsed) faults.push({ line, problem: parsed.problem });
      else if ('user' in parsed) {
        own = users.get(parsed.user) ?? [];
        users.set(parsed.user, own);
      } else {
        (parsed.isPattern ? patterns : own).push(parsed.rule);
        ruleCount++;
      }
    });
  return { anonymous, users, patterns, faults, ruleCount };
}

type ParsedLine =
  | { readonly problem: string }
  | { readonly user: string }
  | { readonly rule: AccessRule; readonly isPattern: boolean };

/** @returns undefined for a line that says nothing. */
function parseLine(content: string, source: string): ParsedLine | undefined {
  const [, word = '', rest = ''] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(content) ?? [];
  if (word === '' || word.startsWith('#')) return undefined;
  if (word === 'user') return rest === '' ? { problem: 'the user name is missing' } : { user: rest };
  if (word !== 'topic' && word !== 'pattern')
    return { problem: `unknown word ${shown(word)}: a line begins with topic, user, pattern or #` };
  if (rest === '') return { problem: `the topic is missing behind ${word}` };
  return parseRule(rest, source, word === 'pattern');
}

/** A topic may have spaces in it if the kind of access stands before it. */
function parseRule(text: string, source: string, isPattern: boolean): ParsedLine {
  const [, first = '', rest] = /^(\S+)(?:\s+(.*))?$/s.exec(text) ?? [];
  const filter = rest ?? first;
  const access = ACCESS[rest === undefined ? 'readwrite' : first];
  if (access === undefined)
    return { problem: `unknown access ${shown(first)}: it is one of read, write, readwrite and deny` };
  const fault = filterFault(filter, isPattern);
  return fault === undefined
    ? { rule: { ...access, filter, provider: 'aclFile', source }, isPattern }
    : { problem: fault };
}

function shown(word: string): string {
  return JSON.stringify(word.slice(0, 40));
}
