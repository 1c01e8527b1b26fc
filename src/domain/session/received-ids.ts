/** What holds the packet id of an incoming QoS 2 message. */
export interface ReceivedEntry {
  /** Whether the id and its message are durable, so that PUBREC may be sent. */
  readonly isCommitted: boolean;
}

const COMMITTED: ReceivedEntry = { isCommitted: true };

/** The packet ids of QoS 2 messages that came in and weren't released yet [MQTT-4.3.3-2]. */
export class ReceivedIds {
  private entries: Map<number, ReceivedEntry> | undefined;

  get size(): number {
    return this.entries?.size ?? 0;
  }

  has(packetId: number): boolean {
    return this.entries?.has(packetId) === true;
  }

  /** @returns the entry that holds the id already; else notes it and returns undefined. */
  note(packetId: number, entry = COMMITTED): ReceivedEntry | undefined {
    const known = this.entries?.get(packetId);
    if (known === undefined) (this.entries ??= new Map()).set(packetId, entry);
    return known;
  }

  /** The id is durable: who held it isn't needed any more. */
  committed(packetId: number): void {
    if (this.entries?.has(packetId) === true) this.entries.set(packetId, COMMITTED);
  }

  /** PUBREL: the id means a new message from now on. @returns whether it was held. */
  forget(packetId: number): boolean {
    return this.entries?.delete(packetId) === true;
  }
}
