import type {
  Admission,
  Arrival,
  ByteStream,
  ListenerSettings,
  StreamListener,
} from '../../application/ports/byte-stream.js';
import type { CloseReason } from '../../domain/close-reason.js';
import { countUp } from '../../domain/counters.js';
import type { LinkContext, LinkOrigin } from './link-context.js';
import { reportEnd } from './report-end.js';

/** Makes a link of a stream. */
type Welcome = (stream: ByteStream, origin: LinkOrigin) => StreamListener;

/**
 * The places that connections have, from their first byte on: what is still in its handshake counts to the limits as
 * much as what speaks MQTT, and has the connect timeout for all of it.
 */
export class Admissions {
  private readonly waiting = new Set<Waiting>();
  private readonly perAddress = new Map<string, number>();
  private taken = 0;

  constructor(
    private readonly context: LinkContext,
    private readonly welcome: Welcome,
  ) {}

  /** Connections that have a place, links among them. */
  get count(): number {
    return this.taken;
  }

  admit(arrival: Arrival, listener: ListenerSettings): Admission | undefined {
    const waiting = new Waiting(this, arrival, listener, this.context.clock.nowMs());
    const { address, isProxy } = arrival;
    if (this.taken >= this.context.limits.connectionsMax || (!isProxy && !this.hasRoomFor(address))) {
      this.tellRefusal(waiting, 'too_many_connections');
      return undefined;
    }
    this.taken++;
    this.waiting.add(waiting);
    if (!isProxy) waiting.countedAddress = this.countIn(address);
    return waiting;
  }

  /** Ends what has taken too long. */
  sweep(nowMs: number): void {
    const waitMsMax = this.context.limits.connectTimeoutSeconds * 1000;
    for (const waiting of this.waiting)
      if (nowMs - waiting.sinceMs >= waitMsMax) this.end(waiting, 'connect_timeout');
  }

  /** Ends all that isn't a link yet. */
  closeAll(): void {
    for (const waiting of this.waiting) this.end(waiting, 'server_shutdown');
  }

  /** @returns false when there is no place left for connections from this address. */
  moveTo(waiting: Waiting, address: string): boolean {
    if (!this.waiting.has(waiting)) return false;
    waiting.remoteAddress = address;
    if (!this.hasRoomFor(address)) {
      this.refuse(waiting, 'too_many_connections');
      return false;
    }
    waiting.countedAddress = this.countIn(address);
    return true;
  }

  accept(waiting: Waiting, stream: ByteStream): StreamListener {
    this.waiting.delete(waiting);
    const { listener, sinceMs, countedAddress } = waiting;
    return this.welcome(stream, { listener, sinceMs, forget: () => this.giveBack(countedAddress) });
  }

  refuse(waiting: Waiting, reason: CloseReason, detail?: string): void {
    if (this.forget(waiting)) this.tellRefusal(waiting, reason, detail);
  }

  leave(waiting: Waiting): void {
    if (this.forget(waiting)) this.tellEnd(waiting, 'peer_closed');
  }

  private end(waiting: Waiting, reason: CloseReason): void {
    if (this.forget(waiting)) this.tellEnd(waiting, reason);
    waiting.arrival.destroy();
  }

  private forget(waiting: Waiting): boolean {
    if (!this.waiting.delete(waiting)) return false;
    this.giveBack(waiting.countedAddress);
    return true;
  }

  private hasRoomFor(address: string): boolean {
    const max = this.context.limits.connectionsPerAddressMax;
    return max === 0 || (this.perAddress.get(address) ?? 0) < max;
  }

  private countIn(address: string): string {
    countUp(this.perAddress, address);
    return address;
  }

  private giveBack(address: string | undefined): void {
    this.taken--;
    if (address === undefined) return;
    const left = (this.perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.perAddress.delete(address);
    else this.perAddress.set(address, left);
  }

  private tellRefusal(waiting: Waiting, reason: CloseReason, detail?: string): void {
    const { broker, misbehaviour } = this.context;
    countUp(broker.counters.closed, reason);
    misbehaviour.report(reason, 'connection refused', { ...waiting.origin, detail });
    broker.refusedConnection(waiting.origin, reason, detail);
  }

  private tellEnd(waiting: Waiting, reason: CloseReason): void {
    reportEnd(this.context, reason, { ...waiting.origin });
    this.context.broker.endUnusedConnection(waiting.origin, reason);
  }
}

/** A connection that has a place, and is no link yet. */
class Waiting implements Admission {
  remoteAddress: string;
  /** The address that it counts to; undefined while only its proxy's is known. */
  countedAddress: string | undefined;

  constructor(
    private readonly admissions: Admissions,
    readonly arrival: Arrival,
    readonly listener: ListenerSettings,
    readonly sinceMs: number,
  ) {
    this.remoteAddress = arrival.address;
  }

  get origin(): { readonly remoteAddress: string; readonly listener: string } {
    return { remoteAddress: this.remoteAddress, listener: this.listener.name };
  }

  comesFrom(address: string): boolean {
    return this.admissions.moveTo(this, address);
  }

  accept(stream: ByteStream): StreamListener {
    return this.admissions.accept(this, stream);
  }

  refuse(reason: CloseReason, detail?: string): void {
    this.admissions.refuse(this, reason, detail);
  }

  leave(): void {
    this.admissions.leave(this);
  }
}
