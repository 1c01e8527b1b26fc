import type { ConnectFields, PacketHandler } from '../../src/adapters/mqtt/packet-handler.js';
import type { ProtocolLevel } from '../../src/adapters/mqtt/packet-types.js';
import type { SubscriptionRequest } from '../../src/application/broker.js';
import type { CloseReason } from '../../src/domain/close-reason.js';
import type { Message } from '../../src/domain/message.js';

/** A packet as it was handed over, in plain values that a test can compare. */
export type HandledPacket = Readonly<Record<string, unknown>> & { readonly type: string };

/**
 * Writes down what a decoder hands over, each packet in plain values taken at the time of the call.
 * Takes packets until it is told to stop, by `stopAfter` or by a violation.
 */
export class RecordingHandler implements PacketHandler {
  readonly packets: HandledPacket[] = [];
  violation: CloseReason | undefined;
  /** Called at a violation, as a connection would then clear its decoder. */
  onViolation: () => void = () => undefined;
  /** How many more packets are taken before there is a pause. */
  stopAfter = Infinity;

  /** How many more packets that may take long have to wait at first. */
  waits = 0;

  mustWait(): boolean {
    if (this.waits === 0) return false;
    this.waits--;
    this.stopAfter = 0;
    return true;
  }

  handled(): void {}

  get takesPackets(): boolean {
    return this.violation === undefined && this.stopAfter > 0;
  }

  unsupportedLevel(): void {
    this.note({ type: 'unsupported-level' });
  }

  connect({ will, password, ...fields }: ConnectFields, level: ProtocolLevel): void {
    const message = will?.message;
    this.note({
      type: 'connect',
      level,
      ...fields,
      password: password === undefined ? undefined : Buffer.from(password).toString('hex'),
      will:
        message === undefined
          ? undefined
          : { topic: message.topic, payload: hexOf(message), qos: message.qos, retain: message.retain },
    });
  }

  publish(message: Message, packetId: number): void {
    const { topic, qos, retain } = message;
    this.note({ type: 'publish', topic, payload: hexOf(message), qos, retain, packetId });
  }

  puback(packetId: number): void {
    this.note({ type: 'puback', packetId });
  }

  pubrec(packetId: number): void {
    this.note({ type: 'pubrec', packetId });
  }

  pubrel(packetId: number): void {
    this.note({ type: 'pubrel', packetId });
  }

  pubcomp(packetId: number): void {
    this.note({ type: 'pubcomp', packetId });
  }

  subscribe(packetId: number, requests: readonly SubscriptionRequest[]): void {
    this.note({ type: 'subscribe', packetId, requests: requests.map(({ filter, qos }) => [filter, qos]) });
  }

  unsubscribe(packetId: number, filters: readonly string[]): void {
    this.note({ type: 'unsubscribe', packetId, filters: [...filters] });
  }

  pingreq(): void {
    this.note({ type: 'pingreq' });
  }

  disconnect(): void {
    this.note({ type: 'disconnect' });
  }

  violate(reason: CloseReason): void {
    if (this.violation !== undefined) throw new Error(`${reason} after ${this.violation}`);
    this.violation = reason;
    this.onViolation();
  }

  private note(packet: HandledPacket): void {
    if (!this.takesPackets) throw new Error(`a ${packet.type} was handed over though none is taken`);
    this.stopAfter -= 1;
    this.packets.push(packet);
  }
}

function hexOf(message: Message): string {
  return Buffer.from(message.payload).toString('hex');
}
