import type { ClientLink } from '../../src/application/ports/client-link.js';
import type { CloseReason } from '../../src/domain/close-reason.js';
import type { Message } from '../../src/domain/message.js';
import type { QoS } from '../../src/domain/qos.js';
import type { SubscribeCode } from '../../src/domain/subscription/subscribe-code.js';
import { payloadText } from './make-message.js';

/** A PUBLISH that was handed over. */
export interface SentPublish {
  readonly type: 'publish';
  readonly topic: string;
  readonly payload: string;
  readonly qos: QoS;
  readonly packetId: number;
  readonly retain: boolean;
  readonly dup: boolean;
}

/** Whatever was handed over to a link. */
export type SentPacket =
  | SentPublish
  | { readonly type: 'pubrel' | 'puback' | 'pubrec' | 'pubcomp' | 'unsuback'; readonly packetId: number }
  | { readonly type: 'suback'; readonly packetId: number; readonly codes: readonly SubscribeCode[] }
  | { readonly type: 'connack'; readonly sessionPresent: boolean };

/** A connection that only writes down what it is given, in order. */
export class FakeLink implements ClientLink {
  readonly remoteAddress = '192.0.2.1';
  readonly certificate = undefined;
  readonly listener = 'mqtt://192.0.2.9:1883';
  readonly openedAtMs = 1_700_000_000_000;
  readonly keepAliveMs = 60_000;
  readonly waitingBytes = 0;
  writable = true;
  /** False for a peer that doesn't read: QoS 0 is let go. */
  takesQos0 = true;
  /** All that was handed over since the last `takeSent`. */
  sent: SentPacket[] = [];
  closeReason: CloseReason | undefined;
  /** Whether no packets are taken from the client for now. */
  isHeld = false;
  /** Times that a later pump was asked for. */
  pumpsAskedFor = 0;

  get isOpen(): boolean {
    return this.closeReason === undefined;
  }

  /** What was handed over since the last call. */
  takeSent(): SentPacket[] {
    const { sent } = this;
    this.sent = [];
    return sent;
  }

  /** The PUBLISH packets among what was handed over since the last call. */
  takePublishes(): SentPublish[] {
    return this.takeSent().filter((packet) => packet.type === 'publish');
  }

  accept(sessionPresent: boolean): void {
    this.sent.push({ type: 'connack', sessionPresent });
  }

  deliver(message: Message, qos: QoS, packetId: number, retain: boolean): boolean {
    if (qos === 0 && !this.takesQos0) return false;
    this.publish(message, { qos, packetId, retain, dup: false });
    return true;
  }

  redeliver(message: Message, qos: QoS, packetId: number, retain: boolean): void {
    this.publish(message, { qos, packetId, retain, dup: true });
  }

  release(packetId: number): void {
    this.sent.push({ type: 'pubrel', packetId });
  }

  pumpLater(): void {
    this.pumpsAskedFor += 1;
  }

  puback(packetId: number): void {
    this.sent.push({ type: 'puback', packetId });
  }

  pubrec(packetId: number): void {
    this.sent.push({ type: 'pubrec', packetId });
  }

  pubcomp(packetId: number): void {
    this.sent.push({ type: 'pubcomp', packetId });
  }

  suback(packetId: number, codes: readonly SubscribeCode[]): void {
    this.sent.push({ type: 'suback', packetId, codes });
  }

  unsuback(packetId: number): void {
    this.sent.push({ type: 'unsuback', packetId });
  }

  holdReading(): void {
    this.isHeld = true;
  }

  resumeReading(): void {
    this.isHeld = false;
  }

  close(reason: CloseReason): void {
    this.closeReason ??= reason;
  }

  private publish(message: Message, fields: Pick<SentPublish, 'qos' | 'packetId' | 'retain' | 'dup'>): void {
    this.sent.push({ type: 'publish', topic: message.topic, payload: payloadText(message), ...fields });
  }
}
