import type { AdmissionLimits, ListenerLimits } from '../../application/ports/listener-limits.js';
import { addressNetwork } from '../../domain/address-network.js';
import { countUp } from '../../domain/counters.js';
import { Allowance } from './allowance.js';

/** Why there is no place. */
export type PlaceRefusal =
  'too_many_connections' | 'too_many_from_address' | 'connect_rate' | 'address_connect_rate';

/** Connections that are counted together: all, or those of one listener. Its limits are looked at each time. */
class Tally {
  connections = 0;
  readonly perNetwork = new Map<string, number>();
  readonly rate: Allowance;
  /** Of networks that have connected within the last seconds: the others have all of theirs. */
  private readonly networkRates = new Map<string, Allowance>();

  constructor(private readonly limits: Partial<Record<keyof AdmissionLimits, number | undefined>>) {
    this.rate = new Allowance(limits.connectRateMax ?? 0);
  }

  get isFull(): boolean {
    return this.connections >= (this.limits.connectionsMax ?? Infinity);
  }

  isFullFor(network: string): boolean {
    const max = this.limits.connectionsPerAddressMax ?? 0;
    return max > 0 && (this.perNetwork.get(network) ?? 0) >= max;
  }

  isTooFast(network: string): boolean {
    return this.networkRates.get(network)?.isUsedUp ?? false;
  }

  useRate(network: string): void {
    const max = this.limits.connectRatePerAddressMax ?? 0;
    if (max === 0) return;
    let rate = this.networkRates.get(network);
    if (rate === undefined) this.networkRates.set(network, (rate = new Allowance(max)));
    rate.use(1);
  }

  refill(elapsedMs: number): void {
    this.rate.changeTo(this.limits.connectRateMax ?? 0);
    this.rate.refill(elapsedMs);
    for (const [network, rate] of this.networkRates) {
      rate.refill(elapsedMs);
      if (rate.isWhole) this.networkRates.delete(network);
    }
  }
}

/**
 * Keeps the places for connections. A listener's own limit counts its own connections, in place of the general limit; only
 * the general `connectionsMax` holds for all of them together, whatever listeners say.
 */
export class Places {
  private readonly general: Tally;
  private readonly own = new Map<ListenerLimits, Tally>();

  constructor(limits: AdmissionLimits) {
    this.general = new Tally(limits);
  }

  /** Places that are taken. */
  get count(): number {
    return this.general.connections;
  }

  /**
   * @param address The client's; undefined while only its proxy's is known.
   * @returns a place, or why there is none.
   */
  take(address: string | undefined, limits?: ListenerLimits): Place | PlaceRefusal {
    const { general } = this;
    const own = limits === undefined ? general : this.tallyFor(limits);
    if (general.isFull || own.isFull) return 'too_many_connections';
    const { rate } = limits?.connectRateMax === undefined ? general : own;
    const place = new Place([...new Set([general, own])], {
      forCount: limits?.connectionsPerAddressMax === undefined ? general : own,
      forRate: limits?.connectRatePerAddressMax === undefined ? general : own,
    });
    const refusal = address === undefined ? undefined : place.refusalFor(address);
    if (refusal !== undefined) return refusal;
    if (rate.isUsedUp) return 'connect_rate';
    rate.use(1);
    place.take();
    if (address !== undefined) place.countFor(address);
    return place;
  }

  /** Time has gone by. */
  refill(elapsedMs: number): void {
    this.general.refill(elapsedMs);
    for (const tally of this.own.values()) tally.refill(elapsedMs);
  }

  private tallyFor(limits: ListenerLimits): Tally {
    let tally = this.own.get(limits);
    if (tally === undefined) this.own.set(limits, (tally = new Tally(limits)));
    return tally;
  }
}

/** The place of one connection. */
export class Place {
  private isTaken = false;
  private network: string | undefined;

  constructor(
    private readonly tallies: readonly Tally[],
    private readonly byAddress: { readonly forCount: Tally; readonly forRate: Tally },
  ) {}

  /** Counts it for the client's address, as its proxy has told it. @returns why it may not be, if so. */
  moveTo(address: string): PlaceRefusal | undefined {
    const refusal = this.refusalFor(address);
    if (refusal === undefined) this.countFor(address);
    return refusal;
  }

  refusalFor(address: string): PlaceRefusal | undefined {
    const network = addressNetwork(address);
    const { forCount, forRate } = this.byAddress;
    if (forCount.isFullFor(network)) return 'too_many_from_address';
    return forRate.isTooFast(network) ? 'address_connect_rate' : undefined;
  }

  countFor(address: string): void {
    const { forCount, forRate } = this.byAddress;
    this.network = addressNetwork(address);
    countUp(forCount.perNetwork, this.network);
    forRate.useRate(this.network);
  }

  take(): void {
    this.isTaken = true;
    for (const tally of this.tallies) tally.connections++;
  }

  /** Gives it back; a second call does nothing. */
  release(): void {
    if (!this.isTaken) return;
    this.isTaken = false;
    for (const tally of this.tallies) tally.connections--;
    if (this.network !== undefined) countDown(this.byAddress.forCount.perNetwork, this.network);
  }
}

function countDown(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 1) - 1;
  if (left === 0) counts.delete(key);
  else counts.set(key, left);
}
