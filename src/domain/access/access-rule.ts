import type { QoS } from '../qos.js';

/** What a rule speaks of. `retain` and `will` are asked beside `publish`, `receive` beside `subscribe`. */
export const ACCESS_ACTIONS = ['publish', 'subscribe', 'receive', 'retain', 'will'] as const;
export type AccessAction = (typeof ACCESS_ACTIONS)[number];

/** One statement of who may do what, as its source has it. */
export interface AccessRule {
  readonly effect: 'allow' | 'deny';
  readonly actions: readonly AccessAction[];
  /** A topic filter, in which `%c` and `%u` stand for the client id and the user name. */
  readonly filter: string;
  /** The highest quality of service that an allowing rule allows; undefined sets no limit. */
  readonly qosMax?: QoS | undefined;
  /** Where it stands, for people: `acl.conf:12`, `role operators`, `token`. */
  readonly source: string;
}
