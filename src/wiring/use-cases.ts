import { Container } from 'inversify';

import type { Config } from '../adapters/config/config.js';
import { AuditRecorder } from '../application/audit-recorder.js';
import { ExpireCredentials } from '../application/authentication/expire-credentials.js';
import { BrokerState } from '../application/broker-state.js';
import { CanaryAdmission } from '../application/canary/canary-admission.js';
import { ConnectClient } from '../application/connect-client.js';
import { EndConnection } from '../application/end-connection.js';
import { EndSession } from '../application/end-session.js';
import { MessageTrail } from '../application/message-trail.js';
import { OverflowWatch } from '../application/overflow-watch.js';
import type { Authenticator } from '../application/ports/authenticator.js';
import type { Clock } from '../application/ports/clock.js';
import type { IdentifierSource } from '../application/ports/identifier-source.js';
import type { Logger } from '../application/ports/logger.js';
import type { PolicySource } from '../application/ports/policy-source.js';
import type { Storage } from '../application/ports/storage.js';
import { RestoreState } from '../application/restore-state.js';
import { ReviewSubscriptions } from '../application/review-subscriptions.js';
import { RouteMessage } from '../application/route-message.js';
import { StoredDeliveries } from '../application/stored-deliveries.js';
import { type DeliveryStoreSlot, Own, T } from './tokens.js';

/** Binds the use cases, all but those that the broker makes for itself. */
export function bindUseCases(container: Container): void {
  container.bind(Own.state).toResolvedValue(() => new BrokerState());
  container.bind(Own.deliveryStore).toResolvedValue(
    ({ journal, backlogReader, sessions }: Storage, messages: MessageTrail): DeliveryStoreSlot => ({
      store: backlogReader && new StoredDeliveries(journal, backlogReader, sessions, messages),
    }),
    [T.storage, Own.messages],
  );
  container
    .bind(Own.router)
    .toResolvedValue(
      (
        state: BrokerState,
        { journal }: Storage,
        clock: Clock,
        { limits }: Config,
        audit: AuditRecorder,
        messages: MessageTrail,
      ) => new RouteMessage({ state, journal, clock, limits, audit, messages }),
      [Own.state, T.storage, T.clock, T.config, Own.audit, Own.messages],
    );
  container
    .bind(Own.endSession)
    .toResolvedValue(
      (state: BrokerState, storage: Storage, audit: AuditRecorder) =>
        new EndSession(state, storage.sessions, audit),
      [Own.state, T.storage, Own.audit],
    );
  container
    .bind(Own.endConnection)
    .toResolvedValue(
      (
        state: BrokerState,
        router: RouteMessage,
        endSession: EndSession,
        storage: Storage,
        audit: AuditRecorder,
        clock: Clock,
      ) => new EndConnection({ state, router, endSession, storage, audit, clock }),
      [Own.state, Own.router, Own.endSession, T.storage, Own.audit, T.clock],
    );
  container.bind(Own.restoreState).toResolvedValue(
    (
      state: BrokerState,
      { source }: Storage,
      { store }: DeliveryStoreSlot,
      router: RouteMessage,
      endSession: EndSession,
      overflows: OverflowWatch,
      messages: MessageTrail,
      { limits }: Config,
      clock: Clock,
    ) => {
      const useCases = { router, endSession, overflows, messages };
      return new RestoreState(state, source, store, useCases, { limits, clock });
    },
    [
      ...[Own.state, T.storage, Own.deliveryStore, Own.router, Own.endSession],
      ...[Own.overflows, Own.messages, T.config, T.clock],
    ] as const,
  );
  bindConnectClient(container);
}

function bindConnectClient(container: Container): void {
  container.bind(Own.connectClient).toResolvedValue(
    (
      state: BrokerState,
      { limits }: Config,
      authenticator: Authenticator,
      policies: PolicySource,
      identifiers: IdentifierSource,
      storage: Storage,
      { store }: DeliveryStoreSlot,
      endConnection: EndConnection,
      endSession: EndSession,
      reviewSubscriptions: ReviewSubscriptions,
      expireCredentials: ExpireCredentials,
      audit: AuditRecorder,
      overflows: OverflowWatch,
      messages: MessageTrail,
      logger: Logger,
      clock: Clock,
      canary: CanaryAdmission,
    ) =>
      new ConnectClient({
        state,
        limits,
        authenticator: canary.authenticator(authenticator),
        policies: canary.policies(policies),
        identifiers,
        storage,
        deliveryStore: store,
        endConnection,
        endSession,
        reviewSubscriptions,
        expireCredentials,
        audit,
        overflows,
        messages,
        logger,
        clock,
      }),
    [
      Own.state,
      T.config,
      T.authenticator,
      T.policies,
      T.identifiers,
      T.storage,
      Own.deliveryStore,
      Own.endConnection,
      Own.endSession,
      Own.reviewSubscriptions,
      Own.expireCredentials,
      Own.audit,
      Own.overflows,
      Own.messages,
      T.logger,
      T.clock,
      Own.canaryAdmission,
    ],
  );
}
