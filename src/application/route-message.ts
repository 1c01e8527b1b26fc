import type { AuditActor } from '../domain/audit/audit-event.js';
import type { MessageOrigin } from '../domain/audit/message-log.js';
import type { Message } from '../domain/message.js';
import { lowerQos } from '../domain/qos.js';
import type { Will } from '../domain/will/will.js';
import type { AuditRecorder } from './audit-recorder.js';
import type { BrokerState } from './broker-state.js';
import type { Limits } from './limits.js';
import type { MessageTrail } from './message-trail.js';
import type { Clock } from './ports/clock.js';
import type { DeliveryJournal } from './ports/delivery-journal.js';
import { Publication } from './publication.js';

/** What `RouteMessage` works with. */
export interface RouteDependencies {
  readonly state: BrokerState;
  readonly journal: DeliveryJournal;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly audit: AuditRecorder;
  readonly messages: MessageTrail;
}

/** Hands a message to every session with a matching subscription, and keeps it if it is retained. */
export class RouteMessage {
  private readonly state: BrokerState;
  private readonly journal: DeliveryJournal;
  private readonly clock: Clock;
  private readonly limits: Limits;
  private readonly audit: AuditRecorder;
  private readonly messages: MessageTrail;

  constructor({ state, journal, clock, limits, audit, messages }: RouteDependencies) {
    this.state = state;
    this.journal = journal;
    this.clock = clock;
    this.limits = limits;
    this.audit = audit;
    this.messages = messages;
  }

  /**
   * Routes one message [MQTT-4.5.0-1]; never suspends.
   * @param from Who sent it.
   * @param publication What else is to become durable with it, if anything.
   * @returns what the sender's receipt has to wait for; undefined when the broker owns the message already.
   */
  route(
    message: Message,
    from: AuditActor,
    publication?: Publication,
    origin: MessageOrigin = 'client',
  ): Publication | undefined {
    const trace = this.messages.isOn ? this.messages.follow(message, from, origin) : undefined;
    let durable = publication;
    if (message.retain) durable = this.retain(message, from, durable);
    for (const { subscriber: session, qos: granted } of this.state.subscriptions.match(message.topic)) {
      const qos = lowerQos(message.qos, granted);
      const delivery = session.offer(
        message,
        qos,
        false,
        trace === undefined ? undefined : this.messages.to(session, qos),
      );
      if (delivery !== undefined && session.isStored)
        (durable ??= new Publication(message.queueBytes)).owe(session, delivery);
    }
    if (trace !== undefined) durable = this.tell(trace, message, durable);
    if (durable === undefined) return undefined;
    this.journal.append(durable);
    return durable.isDone ? undefined : durable;
  }

  /**
   * Publishes the will of a connection, and removes it from its store in the same transaction [MQTT-3.1.2-10].
   * @param reason How the connection ended.
   */
  routeWill(
    { message }: Will,
    connection: number,
    { reason, ...from }: AuditActor & { reason: string },
  ): void {
    this.state.counters.willsPublished++;
    const publication = new Publication(message.queueBytes);
    publication.willOf = connection;
    const { topic, qos, retain, payloadLength: bytes } = message;
    const details = { qos, retain, bytes };
    this.audit.tell(publication, 'will.published', from, { reason, topic, details });
    this.route(message, from, publication, 'will');
  }

  /** Told with what else the publish changes; one at QoS 1 or 2 is owned when at least that is durable. */
  private tell(
    trace: number,
    message: Message,
    publication: Publication | undefined,
  ): Publication | undefined {
    if (publication === undefined && message.qos === 0) {
      this.messages.published();
      return undefined;
    }
    const durable = publication ?? new Publication(message.queueBytes);
    durable.trace = trace;
    return durable;
  }

  /** Whether every session that would get the message has room for it. */
  hasRoomFor(message: Message): boolean {
    for (const { subscriber, qos } of this.state.subscriptions.match(message.topic)) {
      if (lowerQos(message.qos, qos) > 0 && !subscriber.hasRoomFor(message)) return false;
    }
    return true;
  }

  /** Keeps or erases the topic's message. One that finds no room erases it too: the old one is out of date. */
  private retain(
    message: Message,
    from: AuditActor,
    publication = new Publication(message.queueBytes),
  ): Publication {
    const { retained, counters } = this.state;
    const { topic, qos, payloadLength: bytes } = message;
    const isEmpty = bytes === 0;
    if (isEmpty || !this.hasRoomToRetain(message)) {
      if (!isEmpty) counters.dropped.retained_full++;
      const wasThere = retained.clear(topic); // [MQTT-3.3.1-7] [MQTT-3.3.1-10] [MQTT-3.3.1-11]
      publication.retained = { clear: topic };
      const reason = isEmpty ? 'empty_payload' : 'retained_full';
      if (wasThere) this.audit.tell(publication, 'retained.cleared', from, { reason, topic });
      return publication;
    }
    message.keep();
    const kept = { message, publishedAtMs: this.clock.nowMs() };
    retained.set(kept); // [MQTT-3.3.1-5]
    publication.retained = { set: kept };
    this.audit.tell(publication, 'retained.set', from, { topic, details: { qos, bytes } });
    return publication;
  }

  private hasRoomToRetain(message: Message): boolean {
    const { retained } = this.state;
    const { retainedMessagesMax, retainedBytesMax } = this.limits;
    const before = retained.get(message.topic);
    const messages = retained.size + (before === undefined ? 1 : 0);
    const bytes = retained.bytes + message.queueBytes - (before?.message.queueBytes ?? 0);
    return messages <= retainedMessagesMax && bytes <= retainedBytesMax;
  }
}
