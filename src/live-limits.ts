import type { Config, LimitsConfig } from './adapters/config/config.js';
import type { ConfigApplier } from './reloading.js';

/** The limits that are looked up each time they are met, or at each connection; the others are built into what keeps them. */
const LIVE_LIMITS = [
  'clientIdBytesMax',
  'subscriptionsPerSessionMax',
  'filtersPerSubscribeMax',
  'inflightMax',
  'queueMessagesMax',
  'queueBytesMax',
  'connectionsMax',
  'connectionsPerAddressMax',
  'connectRatePerAddressMax',
  'connectTimeoutSeconds',
  'outboxBytesMax',
  'outboxStallSeconds',
  'retainedMessagesMax',
  'retainedBytesMax',
  'sessionsMax',
  'publishRateMax',
  'publishBytesRateMax',
] as const satisfies readonly (keyof LimitsConfig)[];

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A configuration whose limits can be set anew while everybody holds on to them. */
export function withLiveLimits(config: Config): Config {
  return { ...config, limits: { ...config.limits } };
}

/** Sets limits anew. Who connects from then on has all of them; a connection that is open keeps its rates and its numbers. */
export class LiveLimits implements ConfigApplier {
  readonly keys = LIVE_LIMITS.map((name) => `limits.${name}`);

  /** @param config Made by {@link withLiveLimits}. */
  constructor(private readonly config: Config) {}

  apply({ limits }: Config): void {
    const live: Mutable<LimitsConfig> = this.config.limits;
    for (const name of LIVE_LIMITS) live[name] = limits[name];
  }
}
