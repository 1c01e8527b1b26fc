import type { QoS } from '../qos.js';
import { parseTopicFilter } from '../topic/topic-filter.js';

/** What a rule speaks of. `retain` and `will` are asked beside `publish`, `receive` beside `subscribe`. */
export const ACCESS_ACTIONS = ['publish', 'subscribe', 'receive', 'retain', 'will'] as const;
export type AccessAction = (typeof ACCESS_ACTIONS)[number];

/** Actions that go together, by the words that rules may have for them. */
export const ACTION_GROUPS: Readonly<Record<string, readonly AccessAction[]>> = {
  read: ['subscribe', 'receive'],
  write: ['publish', 'retain', 'will'],
  all: ACCESS_ACTIONS,
};

/** Whom rules come from: the settings `access.aclFile` and `access.roles`, a client's token, a web service that vouches for it. */
export const RULE_PROVIDERS = ['aclFile', 'roles', 'token', 'webhook'] as const;
export type RuleProvider = (typeof RULE_PROVIDERS)[number];

/** By whose rules something is decided; the data plane knows each by its place in this list. `none`: no rule speaks of it. */
export const DECIDERS = ['none', ...RULE_PROVIDERS] as const;
/** The place of `none` among them. */
export const NO_DECIDER = 0;

/** The place of a provider among {@link DECIDERS}. */
export function deciderOf(provider: RuleProvider | undefined): number {
  return provider === undefined ? NO_DECIDER : DECIDERS.indexOf(provider);
}

/** One statement of who may do what, as its source has it. */
export interface AccessRule {
  readonly effect: 'allow' | 'deny';
  readonly actions: readonly AccessAction[];
  /** A topic filter, in which `%c` and `%u` stand for the client id and the user name. */
  readonly filter: string;
  /** The highest quality of service that an allowing rule allows; undefined sets no limit. */
  readonly qosMax?: QoS | undefined;
  readonly provider: RuleProvider;
  /** Where it stands, for people: `acl.conf:12`, `role operators`, `token`. */
  readonly source: string;
}

/** Levels of a rule's filter. */
const LEVELS_MAX = 128;
/** The standard's own limit [MQTT-4.7.3-3]. */
const BYTES_MAX = 65_535;

/**
 * What is wrong with a rule's filter; undefined when nothing is. Whoever takes a rule in from outside asks.
 * @param hasNames Whether `%c` and `%u` stand for names in it; else they are text like any other.
 */
export function filterFault(filter: string, hasNames = true): string | undefined {
  if (filter === '') return 'the topic filter is empty';
  // A name takes the place of text, and never of a whole filter's wildcard: `+%c` is as wrong as `+x`.
  const shape = hasNames ? filter.replaceAll(/%[cu]/g, 'x') : filter;
  const limits = { topicBytesMax: BYTES_MAX, topicLevelsMax: LEVELS_MAX };
  if (parseTopicFilter(shape, limits) !== undefined) return undefined;
  if (/[+#]/.test(shape))
    return `${filter} is not a topic filter: + and # stand alone in a level, # in the last`;
  return `${filter.slice(0, 100)} is not a topic filter: it is too long, too deep, or holds U+0000`;
}

/** What rules are in words: each decision names one. */
const texts = new WeakMap<AccessRule, string>();

/** A rule in words, the same wherever it is named: `allow publish,retain hall/# up to QoS 1 (acl.conf:12)`. */
export function ruleText(rule: AccessRule): string {
  let text = texts.get(rule);
  if (text === undefined) texts.set(rule, (text = inWords(rule)));
  return text;
}

function inWords({ effect, actions, filter, qosMax, source }: AccessRule): string {
  const limit = qosMax === undefined || qosMax === 2 ? '' : ` up to QoS ${qosMax}`;
  return `${effect} ${actionsText(actions)} ${filter}${limit} (${source})`;
}

function actionsText(actions: readonly AccessAction[]): string {
  const group = Object.entries(ACTION_GROUPS).find(
    ([, members]) => members.length === actions.length && members.every((action) => actions.includes(action)),
  );
  return group?.[0] ?? actions.join(',');
}
