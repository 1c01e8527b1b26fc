import type {
  Admission,
  Arrival,
  ByteStream,
  ListenerSettings,
  StreamListener,
} from '../../application/ports/byte-stream.js';
import type { CloseReason } from '../../domain/close-reason.js';
import { countUp } from '../../domain/counters.js';
import type { ClientTerms, LinkContext, LinkOrigin } from './link-context.js';
import type { EndpointLimits } from './link-limits.js';
import { type Place, Places } from './places.js';
import { reportEnd } from './report-end.js';

/** Who makes links of streams. */
interface LinkMaker {
  /** What the clients of a listener are held to. */
  termsOf(listener: ListenerSettings): ClientTerms;
  welcome(stream: ByteStream, origin: LinkOrigin): StreamListener;
}

/**
 * The places that connections have, from their first byte on: what is still in its handshake counts to the limits as
 * much as what speaks MQTT, and has the connect timeout for all of it.
 */
export class Admissions {
  private readonly waiting = new Set<Waiting>();
  private readonly places: Places;

  constructor(
    private readonly context: LinkContext,
    limits: EndpointLimits,
    private readonly maker: LinkMaker,
  ) {
    this.places = new Places(limits);
  }

  /** Connections that have a place, links among them. */
  get count(): number {
    return this.places.count;
  }

  admit(arrival: Arrival, listener: ListenerSettings): Admission | undefined {
    const { address, isProxy } = arrival;
    this.context.broker.counters.connectionsOpened++;
    const place = this.takePlace(isProxy ? undefined : address, listener);
    if (typeof place === 'string') {
      this.tellRefusal({ remoteAddress: address, listener: listener.name }, place);
      return undefined;
    }
    const terms = this.maker.termsOf(listener);
    const sinceMs = this.context.clock.nowMs();
    const waiting = new Waiting(this, { arrival, listener, terms, place, sinceMs });
    this.waiting.add(waiting);
    return waiting;
  }

  /** Ends what has taken too long. */
  sweep(nowMs: number, elapsedMs: number): void {
    this.places.refill(elapsedMs);
    for (const waiting of this.waiting) {
      const { sinceMs, terms } = waiting;
      if (nowMs - sinceMs >= terms.limits.connectTimeoutSeconds * 1000) this.end(waiting, 'connect_timeout');
    }
  }

  /** Ends all that isn't a link yet. */
  closeAll(): void {
    for (const waiting of this.waiting) this.end(waiting, 'server_shutdown');
  }

  /** @returns false when there is no place for connections from this address. */
  moveTo(waiting: Waiting, address: string): boolean {
    if (!this.waiting.has(waiting)) return false;
    waiting.remoteAddress = address;
    const refusal = this.context.broker.keepsOut(address) ? 'banned' : waiting.place.moveTo(address);
    if (refusal !== undefined) this.refuse(waiting, refusal);
    return refusal === undefined;
  }

  accept(waiting: Waiting, stream: ByteStream): StreamListener {
    this.waiting.delete(waiting);
    const { arrival, listener, terms, sinceMs, place } = waiting;
    arrival.accepted();
    return this.maker.welcome(stream, { listener, ...terms, sinceMs, place });
  }

  refuse(waiting: Waiting, reason: CloseReason, detail?: string): void {
    if (this.forget(waiting)) this.tellRefusal(waiting.origin, reason, detail);
  }

  leave(waiting: Waiting): void {
    if (this.forget(waiting)) this.tellEnd(waiting, 'peer_closed');
  }

  /** @param address Undefined while only that of a proxy is known. @returns a place, or why there is none. */
  private takePlace(address: string | undefined, { limits }: ListenerSettings): Place | CloseReason {
    const { broker, memory } = this.context;
    // First of all: those who are banned use up nothing of what there is for others.
    if (address !== undefined && broker.keepsOut(address)) return 'banned';
    if (memory.isFull) return 'memory_full';
    return this.places.take(address, limits);
  }

  private end(waiting: Waiting, reason: CloseReason): void {
    if (this.forget(waiting)) this.tellEnd(waiting, reason);
    waiting.arrival.destroy();
  }

  private forget(waiting: Waiting): boolean {
    if (!this.waiting.delete(waiting)) return false;
    waiting.place.release();
    return true;
  }

  private tellRefusal(origin: Origin, reason: CloseReason, detail?: string): void {
    const { broker, misbehaviour } = this.context;
    countUp(broker.counters.closed, reason);
    misbehaviour.report(reason, 'connection refused', { ...origin, detail });
    broker.refusedConnection(origin, reason, detail);
  }

  private tellEnd(waiting: Waiting, reason: CloseReason): void {
    reportEnd(this.context, reason, { ...waiting.origin });
    this.context.broker.endUnusedConnection(waiting.origin, reason);
  }
}

/** Where a connection comes from. */
interface Origin {
  readonly remoteAddress: string;
  readonly listener: string;
}

/** A connection that has a place, and is no link yet. */
class Waiting implements Admission {
  remoteAddress: string;
  readonly arrival: Arrival;
  readonly listener: ListenerSettings;
  readonly terms: ClientTerms;
  readonly place: Place;
  readonly sinceMs: number;

  constructor(
    private readonly admissions: Admissions,
    {
      arrival,
      listener,
      terms,
      place,
      sinceMs,
    }: Pick<Waiting, 'arrival' | 'listener' | 'terms' | 'place' | 'sinceMs'>,
  ) {
    this.arrival = arrival;
    this.listener = listener;
    this.terms = terms;
    this.place = place;
    this.sinceMs = sinceMs;
    this.remoteAddress = arrival.address;
  }

  get origin(): Origin {
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
