import {
  ACCESS_ACTIONS,
  ACTION_GROUPS,
  type AccessAction,
  type AccessRule,
  filterFault,
  type RuleProvider,
} from '../../domain/access/access-rule.js';
import type { Principal } from '../../domain/access/principal.js';
import type { QoS } from '../../domain/qos.js';

/** Whoever vouches for clients and may bring rules for them. */
type ClaimProvider = Extract<RuleProvider, 'token' | 'webhook'>;

/** Rules of one client: more are taken for a mistake. */
const RULES_MAX = 1000;

/**
 * Who an issuer or a web service says that a client is; undefined when the roles or rules can't be read.
 * @param rules Undefined where it doesn't speak of any.
 */
export function claimedPrincipal(
  name: string | undefined,
  roles: unknown,
  rules: unknown,
  provider: ClaimProvider,
): Principal | undefined {
  const readRoles = claimedRoles(roles);
  const readRules = rules === undefined ? undefined : claimedRules(rules, provider);
  if (readRoles === undefined || (rules !== undefined && readRules === undefined)) return undefined;
  return { name, roles: readRoles, rules: readRules };
}

/** Reads access rules from JSON; undefined unless each of them is sound. */
function claimedRules(raw: unknown, provider: ClaimProvider): readonly AccessRule[] | undefined {
  if (!Array.isArray(raw) || raw.length > RULES_MAX) return undefined;
  const rules = raw.map((rule: unknown) => ruleFrom(rule, provider));
  return rules.every((rule) => rule !== undefined) ? rules : undefined;
}

/** Reads roles: a list of texts, or a text with blanks between them as OAuth has it; undefined when it is neither. */
function claimedRoles(raw: unknown): readonly string[] | undefined {
  if (raw === undefined || raw === null) return [];
  if (typeof raw === 'string') return raw.split(' ').filter((role) => role !== '');
  return Array.isArray(raw) && raw.every((role) => typeof role === 'string') ? raw : undefined;
}

function ruleFrom(raw: unknown, provider: ClaimProvider): AccessRule | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { effect = 'allow', actions: words, filter, qosMax } = raw as Record<string, unknown>;
  if (effect !== 'allow' && effect !== 'deny') return undefined;
  const actions = actionsFrom(words);
  if (actions === undefined) return undefined;
  if (typeof filter !== 'string' || filterFault(filter) !== undefined) return undefined;
  if (qosMax !== undefined && !isQoS(qosMax)) return undefined;
  return { effect, actions, filter, qosMax, provider, source: provider };
}

/** Actions, and words for several of them such as `read`. */
function actionsFrom(words: unknown): readonly AccessAction[] | undefined {
  if (!Array.isArray(words) || words.length === 0) return undefined;
  const actions = words.flatMap((word: unknown): readonly unknown[] => groupOf(word) ?? [word]);
  return actions.every(isAction) ? [...new Set(actions)] : undefined;
}

function groupOf(word: unknown): readonly AccessAction[] | undefined {
  return typeof word === 'string' && Object.hasOwn(ACTION_GROUPS, word) ? ACTION_GROUPS[word] : undefined;
}

function isAction(raw: unknown): raw is AccessAction {
  return ACCESS_ACTIONS.some((action) => action === raw);
}

function isQoS(raw: unknown): raw is QoS {
  return raw === 0 || raw === 1 || raw === 2;
}
