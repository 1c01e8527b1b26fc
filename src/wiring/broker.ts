import { Container } from 'inversify';

import type { Config } from '../adapters/config/config.js';
import { AcknowledgeDelivery } from '../application/acknowledge-delivery.js';
import { AuditRecorder } from '../application/audit-recorder.js';
import { Bans } from '../application/authentication/bans.js';
import { ExpireCredentials } from '../application/authentication/expire-credentials.js';
import { BrokerState } from '../application/broker-state.js';
import { Broker } from '../application/broker.js';
import { ConnectClient } from '../application/connect-client.js';
import { EndConnection } from '../application/end-connection.js';
import { EndSession } from '../application/end-session.js';
import { ExpireSessions } from '../application/expire-sessions.js';
import { JournalPressure } from '../application/journal-pressure.js';
import { MessageTrail } from '../application/message-trail.js';
import type { Logger } from '../application/ports/logger.js';
import type { Storage } from '../application/ports/storage.js';
import { PublishMessage } from '../application/publish-message.js';
import { RouteMessage } from '../application/route-message.js';
import { SubscribeClient } from '../application/subscribe-client.js';
import { UnsubscribeClient } from '../application/unsubscribe-client.js';
import { Own, T } from './tokens.js';

/** Binds the broker. */
export function bindBroker(container: Container): void {
  container
    .bind(Own.pressure)
    .toResolvedValue(
      ({ health }: Storage, { limits }: Config, { counters }: BrokerState) =>
        new JournalPressure(health, limits, counters),
      [T.storage, T.config, Own.state],
    );
  container.bind(Own.broker).toResolvedValue(
    (
      { limits, access, session }: Config,
      state: BrokerState,
      connectClient: ConnectClient,
      router: RouteMessage,
      { journal, sessions }: Storage,
      pressure: JournalPressure,
      audit: AuditRecorder,
      endConnection: EndConnection,
      bans: Bans,
      endSession: EndSession,
      messages: MessageTrail,
      expireCredentials: ExpireCredentials,
      logger: Logger,
    ) => {
      return new Broker(state, {
        connectClient,
        publishMessage: new PublishMessage({ state, router, limits, pressure, audit, messages, access }),
        acknowledgeDelivery: new AcknowledgeDelivery(journal),
        subscribeClient: new SubscribeClient(state, sessions, limits, pressure, audit),
        unsubscribeClient: new UnsubscribeClient(state, sessions, pressure, audit),
        endConnection,
        bans,
        expireCredentials,
        expireSessions: new ExpireSessions(state, endSession, logger, session),
      });
    },
    [
      T.config,
      Own.state,
      Own.connectClient,
      Own.router,
      T.storage,
      Own.pressure,
      Own.audit,
      Own.endConnection,
      Own.bans,
      Own.endSession,
      Own.messages,
      Own.expireCredentials,
      T.logger,
    ],
  );
}
