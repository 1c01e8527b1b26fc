/** What holds the packet id of an incoming QoS 2 message: whoever is asked by its class what it waits for. */
export type ReceivedEntry = object;

/** Holds ids that wait for nothing but their PUBREL. */
const COMMITTED: ReceivedEntry = {};

/** The packet ids of QoS 2 messages that came in and weren't released yet [MQTT-4.3.3-2]. */
export class ReceivedIds {
  private entries: Map<number, ReceivedEntry> | undefined;

  get size(): number {
    return this.entries?.size ?? 0;
  }

  /** @returns the entry that holds the id already; else notes it and returns undefined. */
  note(packetId: number, entry = COMMITTED): ReceivedEntry | undefined {
    const known = this.entries?.get(packetId);
    if (known === undefined) (this.entries ??= new Map()).set(packetId, entry);
    return known;
  }

  /** Who holds the id. */
  holder(packetId: number): ReceivedEntry | undefined {
    return this.entries?.get(packetId);
  }

  /** Gives a held id another holder; an id that nobody holds stays free. */
  pass(packetId: number, entry: ReceivedEntry = COMMITTED): void {
    if (this.entries?.has(packetId) === true) this.entries.set(packetId, entry);
  }

  /** The id means a new message from now on. */
  forget(packetId: number): void {
    this.entries?.delete(packetId);
  }
}
