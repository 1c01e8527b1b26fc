import type { Message } from '../message.js';
import type { TopicName } from '../topic/topic-name.js';
import { type AccessDecision, type AccessPolicy, type AccessRequest, DENIED } from './access-policy.js';
import { type AccessAction, type AccessRule, deciderOf, ruleText } from './access-rule.js';
import type { PlaceholderNames } from './placeholder-names.js';
import { qosMaxOf, type RuleSet } from './rule-set.js';
import { TopicMemory } from './topic-memory.js';

/** Rules of one source that are asked together: one that denies wins over all that allow. */
export type RuleLayer = readonly RuleSet[];

/** The rules of one source: the first layer that speaks of a topic decides for the source. */
export type SourceRules = readonly RuleLayer[];

/** Whoever has no rule for what it wants may not do it. */
const NO_RULE = 'no rule allows it';

/**
 * A permit, as the memories have it: how many of the three qualities of service are allowed, and above these two bits
 * whose rule allows them.
 */
const QUALITIES = 0b11;
const DECIDER_SHIFT = 2;
/** The action is denied at any quality. */
const NO_PERMIT = 0;

/**
 * What the rules of all sources together let one client do, or several with the same rules. A source that denies wins
 * over those that allow; what no source allows is denied.
 */
export class CompiledPolicy implements AccessPolicy {
  // Made when they are needed: most of many clients never publish, and few have each delivery looked at.
  private published: TopicMemory | undefined;
  private retained: TopicMemory | undefined;
  private received: TopicMemory | undefined;

  /** @param topicsMax Topics whose decisions are remembered, for each of publishing, retaining and receiving. */
  constructor(
    private readonly sources: readonly SourceRules[],
    private readonly names: PlaceholderNames,
    private readonly topicsMax: number,
  ) {}

  publishAllowedBy({ topic, qos, retain }: Message): number {
    const memory = retain
      ? (this.retained ??= this.memoryOf(['publish', 'retain']))
      : (this.published ??= this.memoryOf(['publish']));
    const permit = memory.get(topic);
    return qos < (permit & QUALITIES) ? permit >> DECIDER_SHIFT : DENIED;
  }

  mayReceive(topic: TopicName): boolean {
    this.received ??= this.memoryOf(['receive']);
    return this.received.get(topic) !== NO_PERMIT;
  }

  decide({ action, topic, qos, retain = false }: AccessRequest): AccessDecision {
    const actions = actionsOf(action, retain);
    const decisions = actions.map((one) => this.judge(one, topic));
    const refused = decisions.find(({ isAllowed }) => !isAllowed);
    if (refused !== undefined) return refused;
    const isLimited = action !== 'subscribe' && action !== 'receive';
    const over = isLimited ? decisions.find(({ qosMax }) => qos > qosMax) : undefined;
    if (over !== undefined)
      return { ...over, isAllowed: false, rule: `QoS ${qos} is too high: ${over.rule}` };
    const asked = decisions[actions.indexOf(action)] ?? REFUSED;
    return { ...asked, isPartial: action === 'subscribe' && this.isPartial(topic) };
  }

  private memoryOf(actions: readonly AccessAction[]): TopicMemory {
    return new TopicMemory(this.topicsMax, (topic) => this.permitFor(actions, topic));
  }

  /** The highest quality that all of the actions are allowed at, and who allows the first. */
  private permitFor(actions: readonly AccessAction[], topic: string): number {
    const decisions = actions.map((action) => this.judge(action, topic));
    if (decisions.some(({ isAllowed }) => !isAllowed)) return NO_PERMIT;
    const qosMax = Math.min(...decisions.map((decision) => decision.qosMax));
    return (deciderOf(decisions[0]?.provider) << DECIDER_SHIFT) | (qosMax + 1);
  }

  private judge(action: AccessAction, filter: string): AccessDecision {
    let permission: AccessRule | undefined;
    for (const source of this.sources) {
      const rule = this.verdictOf(source, action, filter);
      if (rule?.effect === 'deny') return { ...REFUSED, rule: ruleText(rule), provider: rule.provider };
      permission = moreGenerous(permission, rule);
    }
    if (permission === undefined) return REFUSED;
    const { provider } = permission;
    const qosMax = qosMaxOf(permission);
    return { isAllowed: true, rule: ruleText(permission), provider, qosMax, isPartial: false };
  }

  /** The rule that decides for one source; undefined when it doesn't speak of it. */
  private verdictOf(source: SourceRules, action: AccessAction, filter: string): AccessRule | undefined {
    for (const layer of source) {
      for (const set of layer) {
        const denial = set.denial(action, filter, this.names);
        if (denial !== undefined) return denial;
      }
      let permission: AccessRule | undefined;
      for (const set of layer)
        permission = moreGenerous(permission, set.permission(action, filter, this.names));
      if (permission !== undefined) return permission;
    }
    return undefined;
  }

  /** Whether some topic of a filter may have to be held back: where rules deny a part of it, or don't allow the whole. */
  private isPartial(filter: string): boolean {
    const isDenied = (set: RuleSet): boolean =>
      set.partialDenial('receive', filter, this.names) !== undefined;
    return (
      !this.judge('receive', filter).isAllowed ||
      this.sources.some((source) => source.some((layer) => layer.some(isDenied)))
    );
  }
}

const REFUSED: AccessDecision = { isAllowed: false, rule: NO_RULE, qosMax: 0, isPartial: false };

/** What else a client has to be allowed, to do something; the first that it isn't is what it is refused for. */
function actionsOf(action: AccessAction, retain: boolean): readonly AccessAction[] {
  if (action === 'subscribe' || action === 'receive') return [action];
  const published: AccessAction[] = retain || action === 'retain' ? ['publish', 'retain'] : ['publish'];
  return action === 'will' ? [...published, 'will'] : published;
}

function moreGenerous(one: AccessRule | undefined, other: AccessRule | undefined): AccessRule | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return qosMaxOf(other) > qosMaxOf(one) ? other : one;
}
