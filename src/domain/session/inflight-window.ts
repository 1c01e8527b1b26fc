import { type Delivery, PACKET_ID_MAX, packetIdOf } from './delivery.js';

const SLOTS_MIN = 16;
/** The slots of all windows that have never held anything: they are never written to. */
const NO_SLOTS: never[] = [];
const SLOTS_MAX = 65_536;
/** Sequences that one call of `receivedThrough` passes at most. */
const STEPS_MAX = 1000;

/**
 * The deliveries that were sent and not yet settled, found by packet id.
 *
 * Ids in flight are mostly consecutive, so a slot is `packetId & mask` in an array that grows only
 * when two ids in flight share a slot; at its largest each id has a slot of its own.
 */
export class InflightWindow {
  private slots: (Delivery | undefined)[] = NO_SLOTS;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The delivery in flight under this id. */
  find(packetId: number): Delivery | undefined {
    const found = this.slots[packetId & (this.slots.length - 1)];
    return found !== undefined && found.packetId === packetId ? found : undefined;
  }

  /** @returns false when another delivery is in flight under the same id [MQTT-2.3.1-4]. */
  add(delivery: Delivery): boolean {
    const { packetId } = delivery;
    if (this.slots.length === 0) this.slots = emptySlots(SLOTS_MIN);
    for (;;) {
      const slot = packetId & (this.slots.length - 1);
      const occupant = this.slots[slot];
      if (occupant === undefined) {
        this.slots[slot] = delivery;
        this.count++;
        return true;
      }
      if (occupant.packetId === packetId) return false;
      this.grow();
    }
  }

  /** The first sequence from this one on whose packet id no delivery in flight holds [MQTT-2.3.1-4]. */
  freeSequence(from: number): number {
    let sequence = from;
    while (this.find(packetIdOf(sequence)) !== undefined && this.count < PACKET_ID_MAX) sequence++;
    return sequence;
  }

  /** Frees the id of a delivery that is in the window. */
  remove(delivery: Delivery): void {
    this.slots[delivery.packetId & (this.slots.length - 1)] = undefined;
    this.count--;
  }

  /**
   * Goes on from where all QoS 2 deliveries have been received, as far as `sent`, a sequence that was sent: what was sent
   * before it and isn't in flight any more is settled. In steps, so that a long way takes several calls.
   * @returns the new place.
   */
  receivedThrough(place: number, sent: number): number {
    const end = Math.min(sent, place + STEPS_MAX);
    let next = place + 1;
    while (next <= end && !this.isUnreceived(next)) next++;
    return next - 1;
  }

  /** All deliveries in flight, in the order of sending [MQTT-4.6.0-1]. */
  inOrder(): readonly Delivery[] {
    if (this.count === 0) return NO_SLOTS;
    const deliveries = this.slots.filter((slot) => slot !== undefined);
    return deliveries.sort((a, b) => a.sequence - b.sequence);
  }

  private isUnreceived(sequence: number): boolean {
    const delivery = this.find(packetIdOf(sequence));
    return delivery?.sequence === sequence && delivery.qos === 2 && delivery.stage === 'sent';
  }

  private grow(): void {
    const before = this.slots;
    let length = before.length * 2;
    while (length < SLOTS_MAX && !fits(before, length)) length *= 2;
    this.slots = emptySlots(length);
    for (const delivery of before) {
      if (delivery !== undefined) this.slots[delivery.packetId & (length - 1)] = delivery;
    }
  }
}

function emptySlots(length: number): (Delivery | undefined)[] {
  return new Array<Delivery | undefined>(length).fill(undefined);
}

function fits(deliveries: readonly (Delivery | undefined)[], length: number): boolean {
  const taken = new Set<number>();
  for (const delivery of deliveries) {
    if (delivery === undefined) continue;
    const slot = delivery.packetId & (length - 1);
    if (taken.has(slot)) return false;
    taken.add(slot);
  }
  return true;
}
