import { z } from 'zod';

import { limitsSchema } from './limits.js';

/** Limits that a listener may have of its own; what is absent is as in `limits`. */
const OWN_LIMITS = [
  'connectionsMax',
  'connectionsPerAddressMax',
  'connectRateMax',
  'connectRatePerAddressMax',
  'connectTimeoutSeconds',
  'packetBytesMax',
  'topicBytesMax',
  'topicLevelsMax',
  'subscriptionsPerSessionMax',
  'filtersPerSubscribeMax',
  'inflightMax',
  'outboxBytesMax',
  'publishRateMax',
  'publishBytesRateMax',
] as const;
type OwnLimit = (typeof OWN_LIMITS)[number];
type OptionalCount = z.ZodOptional<z.ZodNumber>;

/** The bounds are those of the general limits, and there is no default. */
function ownLimit(name: OwnLimit): OptionalCount {
  const bounds = limitsSchema.shape[name].unwrap();
  return bounds.optional().describe(`For this listener: \`limits.${name}\`.`);
}

export const listenerLimitsSchema = z.strictObject(
  Object.fromEntries(OWN_LIMITS.map((name) => [name, ownLimit(name)])) as Record<OwnLimit, OptionalCount>,
);
