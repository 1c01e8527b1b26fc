import { ACCESS_ACTIONS, type AccessAction, type AccessRule } from '../../domain/access/access-rule.js';
import type { QoS } from '../../domain/qos.js';
import { parseTopicFilter } from '../../domain/topic/topic-filter.js';

/** Rules of one client: more are taken for a mistake. */
const RULES_MAX = 1000;
const FILTER_LIMITS = { topicBytesMax: 65_535, topicLevelsMax: 128 };

/** Reads access rules from JSON that an issuer or a web service has made; undefined unless each of them is sound. */
export function claimedRules(raw: unknown, source: string): readonly AccessRule[] | undefined {
  if (!Array.isArray(raw) || raw.length > RULES_MAX) return undefined;
  const rules = raw.map((rule: unknown) => ruleFrom(rule, source));
  return rules.every((rule) => rule !== undefined) ? rules : undefined;
}

/** Reads roles: a list of texts, or a text with blanks between them as OAuth has it; undefined when it is neither. */
export function claimedRoles(raw: unknown): readonly string[] | undefined {
  if (raw === undefined || raw === null) return [];
  if (typeof raw === 'string') return raw.split(' ').filter((role) => role !== '');
  return Array.isArray(raw) && raw.every((role) => typeof role === 'string') ? raw : undefined;
}

function ruleFrom(raw: unknown, source: string): AccessRule | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { effect = 'allow', actions, filter, qosMax } = raw as Record<string, unknown>;
  if (effect !== 'allow' && effect !== 'deny') return undefined;
  if (!Array.isArray(actions) || actions.length === 0 || !actions.every(isAction)) return undefined;
  if (typeof filter !== 'string' || parseTopicFilter(filter, FILTER_LIMITS) === undefined) return undefined;
  if (qosMax !== undefined && !isQoS(qosMax)) return undefined;
  return { effect, actions, filter, qosMax, source };
}

function isAction(raw: unknown): raw is AccessAction {
  return ACCESS_ACTIONS.some((action) => action === raw);
}

function isQoS(raw: unknown): raw is QoS {
  return raw === 0 || raw === 1 || raw === 2;
}
