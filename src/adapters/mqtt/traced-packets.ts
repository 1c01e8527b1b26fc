import type { SubscriptionRequest } from '../../application/broker.js';
import type { PacketTrace, TraceFields } from '../../application/ports/client-traces.js';
import type { CloseReason } from '../../domain/close-reason.js';
import type { Counters } from '../../domain/counters.js';
import type { Message } from '../../domain/message.js';
import type { QoS } from '../../domain/qos.js';
import type { SubscribeCode } from '../../domain/subscription/subscribe-code.js';
import type { TopicFilter } from '../../domain/topic/topic-filter.js';
import type { CurrentFrame } from './current-frame.js';
import type { Outbox } from './outbox.js';
import type { ConnectFields, PacketHandler } from './packet-handler.js';
import { PacketType, type ProtocolLevel } from './packet-types.js';
import { Flag, PacketWriter } from './packet-writer.js';

/*
 * A traced connection has these in the place of its plain receiver and writer: connections that aren't traced pay
 * nothing for it.
 */

/** Writes down the packets of a client, then hands them on. */
export class TracedReceiver implements PacketHandler {
  constructor(
    private readonly next: PacketHandler,
    private readonly trace: PacketTrace,
  ) {}

  get takesPackets(): boolean {
    return this.next.takesPackets;
  }

  mustWait(): boolean {
    return this.next.mustWait();
  }

  handled(isCheap: boolean): void {
    this.next.handled(isCheap);
  }

  unsupportedLevel(): void {
    this.trace.packet('in', 'CONNECT');
    this.next.unsupportedLevel();
  }

  connect(request: ConnectFields, level: ProtocolLevel): void {
    traceConnect(this.trace, request, level);
    this.next.connect(request, level);
  }

  publish(message: Message, packetId: number): void {
    this.trace.packet('in', 'PUBLISH', publishFields(this.trace, message, message.qos, packetId));
    this.next.publish(message, packetId);
  }

  puback(packetId: number): void {
    this.trace.packet('in', 'PUBACK', { packetId });
    this.next.puback(packetId);
  }

  pubrec(packetId: number): void {
    this.trace.packet('in', 'PUBREC', { packetId });
    this.next.pubrec(packetId);
  }

  pubrel(packetId: number): void {
    this.trace.packet('in', 'PUBREL', { packetId });
    this.next.pubrel(packetId);
  }

  pubcomp(packetId: number): void {
    this.trace.packet('in', 'PUBCOMP', { packetId });
    this.next.pubcomp(packetId);
  }

  subscribe(packetId: number, requests: readonly SubscriptionRequest[]): void {
    const filters = requests.map(({ filter, qos }) => ({ filter, qos }));
    this.trace.packet('in', 'SUBSCRIBE', { packetId, filters });
    this.next.subscribe(packetId, requests);
  }

  unsubscribe(packetId: number, filters: readonly TopicFilter[]): void {
    this.trace.packet('in', 'UNSUBSCRIBE', { packetId, filters });
    this.next.unsubscribe(packetId, filters);
  }

  pingreq(): void {
    this.trace.packet('in', 'PINGREQ');
    this.next.pingreq();
  }

  disconnect(): void {
    this.trace.packet('in', 'DISCONNECT');
    this.next.disconnect();
  }

  violate(reason: CloseReason): void {
    this.trace.event('protocol violation', { reason });
    this.next.violate(reason);
  }
}

/** Writes down the packets for a client, and sends them. */
export class TracedWriter extends PacketWriter {
  constructor(
    outbox: Outbox,
    frame: CurrentFrame,
    counters: Counters,
    private readonly trace: PacketTrace,
  ) {
    super(outbox, frame, counters);
  }

  override publish(message: Message, qos: QoS, flags: number, packetId: number): void {
    const fields = publishFields(this.trace, message, qos, packetId);
    const [retain, dup] = [(flags & Flag.retain) !== 0, (flags & Flag.dup) !== 0];
    this.trace.packet('out', 'PUBLISH', { ...fields, retain, dup });
    super.publish(message, qos, flags, packetId);
  }

  override acknowledgement(first: number, packetId: number): void {
    this.trace.packet('out', ACKNOWLEDGEMENTS[first >> 4] ?? 'UNSUBACK', { packetId });
    super.acknowledgement(first, packetId);
  }

  override connack(returnCode: number, sessionPresent: boolean): void {
    this.trace.packet('out', 'CONNACK', { returnCode, sessionPresent });
    super.connack(returnCode, sessionPresent);
  }

  override suback(packetId: number, codes: readonly SubscribeCode[]): void {
    this.trace.packet('out', 'SUBACK', { packetId, codes });
    super.suback(packetId, codes);
  }

  override pingresp(): void {
    this.trace.packet('out', 'PINGRESP');
    super.pingresp();
  }
}

const ACKNOWLEDGEMENTS: Readonly<Record<number, string>> = {
  [PacketType.puback]: 'PUBACK',
  [PacketType.pubrec]: 'PUBREC',
  [PacketType.pubrel]: 'PUBREL',
  [PacketType.pubcomp]: 'PUBCOMP',
};

/** Writes down a CONNECT: whether it has a password, and never which. */
export function traceConnect(trace: PacketTrace, request: ConnectFields, level: ProtocolLevel): void {
  const { cleanSession, clientId, keepAliveSeconds, password, userName, will } = request;
  const message = will?.message;
  trace.packet('in', 'CONNECT', {
    ...{ clientId, cleanSession, keepAliveSeconds, userName, hasPassword: password !== undefined },
    ...{ protocol: level === 4 ? 'MQTT 3.1.1' : 'MQTT 3.1' },
    will: message && publishFields(trace, message, message.qos, 0),
  });
}

function publishFields(trace: PacketTrace, message: Message, qos: QoS, packetId: number): TraceFields {
  const { topic, retain, payloadLength: payloadBytes } = message;
  return {
    ...{ topic, qos, retain, payloadBytes },
    packetId: packetId === 0 ? undefined : packetId,
    ...(trace.payloads ? payloadFields(message.payload) : {}),
  };
}

/** As text where it is text. */
function payloadFields(payload: Uint8Array): TraceFields {
  try {
    return { payload: new TextDecoder('utf-8', { fatal: true }).decode(payload) };
  } catch {
    return { payloadBase64: Buffer.from(payload).toString('base64') };
  }
}
