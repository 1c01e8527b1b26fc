import { type AccessPolicy, DENIED } from '../../domain/access/access-policy.js';
import { NO_DECIDER } from '../../domain/access/access-rule.js';
import { named } from '../../domain/access/principal.js';
import { ConnectCode } from '../../domain/connect-code.js';
import type { Authenticator } from '../ports/authenticator.js';
import type { PolicySource } from '../ports/policy-source.js';

/** The name of the way in that only the canary takes; no listener of the configuration can have it. */
export const CANARY_LISTENER = 'surety:canary';
/** All that the canary may publish and subscribe to. */
export const CANARY_TOPICS = '$SURETY/canary/';

/** Known by identity: a client that chooses the same name is somebody else. */
const CANARY = named(CANARY_LISTENER);
const isCanaryTopic = (topic: string): boolean => topic.startsWith(CANARY_TOPICS);
const CANARY_POLICY: AccessPolicy = {
  publishAllowedBy: ({ topic }) => (isCanaryTopic(topic) ? NO_DECIDER : DENIED),
  mayReceive: isCanaryTopic,
  decide: ({ topic }) => ({
    isAllowed: isCanaryTopic(topic),
    rule: `the canary may use topics below ${CANARY_TOPICS}, and no others`,
    qosMax: 2,
    isPartial: false,
  }),
};

/**
 * Lets the broker's own test client in, whatever else decides about clients. Its way in takes nobody but who knows
 * a password that this process has made up and never told.
 */
export class CanaryAdmission {
  constructor(private readonly password: Uint8Array) {}

  /** @returns an authenticator that decides about the canary, and leaves everybody else to `others`. */
  authenticator(others: Authenticator): Authenticator {
    return {
      authenticate: (credentials) => {
        if (credentials.listener !== CANARY_LISTENER) return others.authenticate(credentials);
        return Promise.resolve(
          isSame(credentials.password, this.password)
            ? { principal: CANARY, authentication: 'canary' }
            : { refusal: ConnectCode.badUserNameOrPassword },
        );
      },
    };
  }

  /** @returns a source with the canary's policy beside those of `others`. */
  policies(others: PolicySource): PolicySource {
    return {
      policyFor: (principal, clientId) =>
        principal === CANARY ? CANARY_POLICY : others.policyFor(principal, clientId),
    };
  }
}

/** Takes the same time for every wrong password of the right length. */
function isSame(given: Uint8Array | undefined, expected: Uint8Array): boolean {
  if (given?.length !== expected.length) return false;
  return given.reduce((difference, byte, index) => difference | (byte ^ (expected[index] ?? 0)), 0) === 0;
}
