import type { AuditActor } from '../../domain/audit/audit-event.js';
import { messageOf } from '../../domain/message.js';
import type { QoS } from '../../domain/qos.js';
import { isServerTopic, parseTopicName } from '../../domain/topic/topic-name.js';
import type { AuditFacts, AuditRecorder } from '../audit-recorder.js';
import type { BrokerState } from '../broker-state.js';
import type { Limits } from '../limits.js';
import type { RouteMessage } from '../route-message.js';
import { AwaitedPublication } from './awaited-publication.js';
import type { Change } from './views.js';

/** What an administrator has published. */
export interface PublishRequest {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** How many sessions got the message, or why none did. */
export type PublishOutcome =
  | (Change & { readonly sessions: number })
  | { readonly refusal: 'bad_topic' | 'server_topic' | 'payload_too_large' | 'queue_full' };

/** Publishes for somebody who isn't a client. */
export class PublishForAdministrator {
  constructor(
    private readonly state: BrokerState,
    private readonly router: RouteMessage,
    private readonly limits: Limits & { readonly packetBytesMax: number },
    private readonly audit: AuditRecorder,
  ) {}

  publish(
    { payload, qos, retain, ...request }: PublishRequest,
    from: AuditActor,
    facts: AuditFacts,
  ): PublishOutcome {
    const topic = parseTopicName(request.topic, this.limits);
    if (topic === undefined) return { refusal: 'bad_topic' };
    if (isServerTopic(topic)) return { refusal: 'server_topic' };
    const message = messageOf(topic, payload, qos, retain);
    if (message.queueBytes > this.limits.packetBytesMax) return { refusal: 'payload_too_large' };
    if (this.limits.queuePolicy === 'refuse' && !this.router.hasRoomFor(message))
      return { refusal: 'queue_full' };
    const sessions = this.state.subscriptions.match(topic).length;
    const publication = new AwaitedPublication(message.queueBytes);
    this.audit.tell(publication, 'admin.action', from, facts);
    this.router.route(message, from, publication, 'administrator');
    return { sessions, durable: publication.durable };
  }
}
