import { DENIED } from '../domain/access/access-policy.js';
import type { Message } from '../domain/message.js';
import { isServerTopic } from '../domain/topic/topic-name.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { BrokerState } from './broker-state.js';
import type { ConnectedClient } from './connected-client.js';
import type { JournalPressure } from './journal-pressure.js';
import type { Limits } from './limits.js';
import type { MessageTrail } from './message-trail.js';
import { Publication } from './publication.js';
import type { ReceiptKind } from './receipt-queue.js';
import type { RouteMessage } from './route-message.js';

/** What happens to a publish without permission, beside being counted. */
export type DeniedPublishPolicy = 'ignore' | 'disconnect';

/** Looked at each time. */
export interface PublishSettings {
  readonly onDeniedPublish: DeniedPublishPolicy;
}

/** What `PublishMessage` works with. */
export interface PublishDependencies {
  readonly state: BrokerState;
  readonly router: RouteMessage;
  readonly limits: Limits;
  readonly pressure: JournalPressure;
  readonly audit: AuditRecorder;
  readonly messages: MessageTrail;
  readonly access: PublishSettings;
}

const DOLLAR = 36;

/** A PUBLISH from a client. */
export class PublishMessage {
  private readonly state: BrokerState;
  private readonly router: RouteMessage;
  private readonly limits: Limits;
  private readonly pressure: JournalPressure;
  private readonly audit: AuditRecorder;
  private readonly messages: MessageTrail;
  private readonly settings: PublishSettings;
  /** Publishes that were allowed, by whose rule. */
  private readonly allowed: Float64Array;

  constructor({ state, router, limits, pressure, audit, messages, access }: PublishDependencies) {
    this.state = state;
    this.router = router;
    this.limits = limits;
    this.pressure = pressure;
    this.audit = audit;
    this.messages = messages;
    this.settings = access;
    this.allowed = state.counters.authorizations.publish.allowed;
  }

  /**
   * Routes a message, and acknowledges it once the broker owns it [MQTT-3.3.4-1]; never suspends.
   * @param packetId 0 at QoS 0.
   */
  publish(client: ConnectedClient, message: Message, packetId: number): void {
    const { qos } = message;
    if (message.topic.charCodeAt(0) === DOLLAR && isServerTopic(message.topic)) {
      this.state.counters.dropped.server_topic++;
      this.audit.refused('publish.denied', client.actor, { reason: 'server_topic', topic: message.topic });
      if (qos > 0) client.receipts.send(receiptFor(qos), packetId);
    } else if (!this.isAllowed(client, message)) {
      this.deny(client, message, packetId);
    } else if (qos === 0) {
      const publication = this.router.route(message, client.actor);
      if (publication !== undefined) this.pressure.hold(client, publication);
      else if (this.messages.isOn) this.pressure.holdForTrail(client);
    } else if (this.isRefused(client, message, packetId)) {
      client.link.close('queue_full'); // [MQTT-4.8.0-2]
    } else if (qos === 1) {
      this.acknowledge(client, 'puback', packetId, this.router.route(message, client.actor));
    } else {
      this.publishOnce(client, message, packetId);
    }
  }

  private isAllowed({ access }: ConnectedClient, message: Message): boolean {
    const decider = access.publishAllowedBy(message);
    if (decider === DENIED) return false;
    (this.allowed[decider] as number)++;
    return true;
  }

  /** A repeat at QoS 2 isn't: its message was taken on before. */
  private isRefused({ session }: ConnectedClient, message: Message, packetId: number): boolean {
    if (this.limits.queuePolicy !== 'refuse' || this.router.hasRoomFor(message)) return false;
    return message.qos === 1 || session.receivedIds.holder(packetId) === undefined;
  }

  /** QoS 2: routed at once, and remembered by its id until PUBREL [MQTT-4.3.3-2]. */
  private publishOnce(client: ConnectedClient, message: Message, packetId: number): void {
    const { session } = client;
    const publication = session.isStored ? new Publication(message.queueBytes) : undefined;
    const holder = session.receivedIds.note(packetId, publication);
    if (holder === undefined) {
      if (publication !== undefined) publication.received = { session, packetId };
      this.acknowledge(client, 'pubrec', packetId, this.router.route(message, client.actor, publication));
    } else {
      this.acknowledge(client, 'pubrec', packetId, holder instanceof Publication ? holder : undefined);
    }
  }

  private acknowledge(
    client: ConnectedClient,
    kind: ReceiptKind,
    packetId: number,
    publication: Publication | undefined,
  ): void {
    if (publication === undefined) {
      client.receipts.send(kind, packetId);
      return;
    }
    publication.answer(client, client.receipts.expect(kind, packetId));
    this.pressure.hold(client, publication);
  }

  /** There is no negative acknowledgement: it is acknowledged as usual, or the connection closed [MQTT-3.3.5-2]. */
  private deny(client: ConnectedClient, message: Message, packetId: number): void {
    this.state.counters.dropped.denied++;
    const { topic, qos, retain } = message;
    const decision = client.access.decide({ action: 'publish', topic, qos, retain });
    this.state.counters.authorizations.add('publish', decision);
    const { rule } = decision;
    this.audit.refused('publish.denied', client.actor, { reason: 'not_authorized', rule, topic });
    if (this.settings.onDeniedPublish === 'disconnect') client.link.close('not_authorized');
    else if (qos > 0) client.receipts.send(receiptFor(qos), packetId);
  }
}

function receiptFor(qos: 0 | 1 | 2): ReceiptKind {
  return qos === 2 ? 'pubrec' : 'puback';
}
