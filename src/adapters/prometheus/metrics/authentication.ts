import type { MetricDefinition } from '../metric-definition.js';

/** Who vouches for clients beside the configured providers; `none` is for those that nobody vouches for. */
const BUILT_IN_PROVIDERS = ['anonymous', 'canary', 'none'];
const AUTHENTICATION_RESULTS = [
  'accepted',
  'bad_credentials',
  'not_authorized',
  'authentication_busy',
  'failed',
];

/** Who is let in, and what clients may do. */
export const AUTHENTICATION: readonly MetricDefinition[] = [
  {
    name: 'surety_authentications_total',
    type: 'counter',
    help: 'Decisions on who a client is, by the provider that took them (`none` where nobody vouched for it) and by result: `accepted`, `bad_credentials`, `not_authorized`, `authentication_busy`, or `failed` when nobody could decide.',
    labels: ['provider', 'result'],
    read: ({ broker, providers }) =>
      [...providers.keys(), ...BUILT_IN_PROVIDERS].flatMap((provider) =>
        AUTHENTICATION_RESULTS.map(
          (result) => [provider, result, broker.counters.authentications.get(provider, result)] as const,
        ),
      ),
  },
  {
    name: 'surety_authorizations_total',
    type: 'counter',
    help: 'Decisions on what a client may do, by action (`publish`, `subscribe`, `will`), by the provider of the rule that decided (`aclFile`, `roles`, `token`, `webhook`, or `none`: no rule speaks of it), and by result (`allowed`, `denied`).',
    labels: ['action', 'provider', 'result'],
    read: ({ broker }) => broker.counters.authorizations.entries(),
  },
  {
    name: 'surety_subscriptions_refused_total',
    type: 'counter',
    help: 'Subscriptions answered by SUBACK code 0x80, by reason.',
    labels: ['reason'],
    read: ({ broker }) => Object.entries(broker.counters.subscriptionsRefused),
  },
  {
    name: 'surety_authentication_decisions_total',
    type: 'counter',
    help: 'What each provider of `authentication.providers` has answered: `accepted`, `refused`, `ignored` (left to the next), or `failed`, which lets nobody in.',
    labels: ['provider', 'result'],
    read: ({ providers }) =>
      [...providers].flatMap(([name, { accepted, refused, ignored, failed }]) =>
        Object.entries({ accepted, refused, ignored, failed }).map(
          ([result, count]) => [name, result, count] as const,
        ),
      ),
  },
  {
    name: 'surety_authentication_decision_seconds',
    type: 'histogram',
    help: 'How long the answers of each provider took.',
    labels: ['provider'],
    read: ({ providers }) => Array.from(providers, ([name, { seconds }]) => [name, seconds] as const),
  },
  {
    name: 'surety_bans',
    type: 'gauge',
    help: 'Bans that hold, of addresses, client ids and users.',
    read: ({ bans }) => bans.size,
  },
];
