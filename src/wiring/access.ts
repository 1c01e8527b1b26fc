import { Container } from 'inversify';

import type { Config } from '../adapters/config/config.js';
import { AccessRules } from '../application/access-rules.js';
import type { AuditRecorder } from '../application/audit-recorder.js';
import type { BrokerState } from '../application/broker-state.js';
import type { CanaryAdmission } from '../application/canary/canary-admission.js';
import type { Storage } from '../application/ports/storage.js';
import { ReloadAccess } from '../application/reload-access.js';
import { ReviewSubscriptions } from '../application/review-subscriptions.js';
import type { ConfigPreparer } from '../reloading.js';
import { ruleOriginsOf } from '../rule-origins.js';
import { Own, T } from './tokens.js';

/** Binds what decides about what clients may do. */
export function bindAccess(container: Container): void {
  container
    .bind(Own.accessRules)
    .toResolvedValue(
      ({ access }: Config, { roles }: Pick<Storage, 'roles'>) =>
        new AccessRules(ruleOriginsOf(access, roles)),
      [T.config, T.storage],
    );
  container.bind(T.policies).toService(Own.accessRules);
  container
    .bind(Own.reviewSubscriptions)
    .toResolvedValue(
      (state: BrokerState, { sessions }: Storage, audit: AuditRecorder) =>
        new ReviewSubscriptions(state, sessions, audit),
      [Own.state, T.storage, Own.audit],
    );
  container
    .bind(Own.reloadAccess)
    .toResolvedValue(
      (
        rules: AccessRules,
        canary: CanaryAdmission,
        state: BrokerState,
        reviewSubscriptions: ReviewSubscriptions,
        audit: AuditRecorder,
      ) => new ReloadAccess({ rules, policies: canary.policies(rules), state, reviewSubscriptions, audit }),
      [Own.accessRules, Own.canaryAdmission, Own.state, Own.reviewSubscriptions, Own.audit],
    );
  container.bind(Own.reloadable).toService(Own.reloadAccess);
  container.bind(Own.configPreparer).toResolvedValue(
    (reloadAccess: ReloadAccess, { roles }: Pick<Storage, 'roles'>): ConfigPreparer => ({
      keys: ['access.aclFile', 'access.roles'],
      prepare: ({ access }) => reloadAccess.prepare(ruleOriginsOf(access, roles)),
    }),
    [Own.reloadAccess, T.storage],
  );
}
