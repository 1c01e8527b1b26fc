import type { EarlyRefusal } from '../../application/broker.js';
import type { AdmissionLimits, ListenerLimits } from '../../application/ports/listener-limits.js';
import { addressNetwork } from '../../domain/address-network.js';
import { countUp } from '../../domain/counters.js';
import { Allowance } from './allowance.js';

/** The place of one connection. */
export interface Place {
  /** Gives it back; a second call does nothing. */
  release(): void;
}

/** Connections that are counted together: all, or those of a listener with limits of its own. */
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
    this.rate.refill(elapsedMs);
    for (const [network, rate] of this.networkRates) {
      rate.refill(elapsedMs);
      if (rate.isWhole) this.networkRates.delete(network);
    }
  }
}

/**
 * Lets connections in, or not. A listener's own limit counts its own connections, in place of the general limit; only the
 * general `connectionsMax` holds for all of them together, whatever listeners say.
 */
export class Admissions {
  private readonly general: Tally;
  private readonly own = new Map<ListenerLimits, Tally>();

  constructor(limits: AdmissionLimits) {
    this.general = new Tally(limits);
  }

  /** @returns a place, or why there is none. */
  admit(remoteAddress: string, limits: ListenerLimits = {}): Place | EarlyRefusal {
    const network = addressNetwork(remoteAddress);
    const { general } = this;
    const own = this.tallyFor(limits);
    const forAddress = limits.connectionsPerAddressMax === undefined ? general : own;
    const forRate = limits.connectRateMax === undefined ? general : own;
    const forAddressRate = limits.connectRatePerAddressMax === undefined ? general : own;
    if (general.isFull || own.isFull) return 'too_many_connections';
    if (forAddress.isFullFor(network)) return 'too_many_from_address';
    if (forAddressRate.isTooFast(network)) return 'address_connect_rate';
    if (forRate.rate.isUsedUp) return 'connect_rate';
    forRate.rate.use(1);
    forAddressRate.useRate(network);
    return occupied([...new Set([general, own])], forAddress, network);
  }

  /** Time has gone by. */
  refill(elapsedMs: number): void {
    this.general.refill(elapsedMs);
    for (const tally of this.own.values()) tally.refill(elapsedMs);
  }

  private tallyFor(limits: ListenerLimits): Tally {
    if (Object.keys(limits).length === 0) return this.general;
    let tally = this.own.get(limits);
    if (tally === undefined) this.own.set(limits, (tally = new Tally(limits)));
    return tally;
  }
}

function occupied(tallies: readonly Tally[], { perNetwork }: Tally, network: string): Place {
  for (const tally of tallies) tally.connections++;
  countUp(perNetwork, network);
  let isHeld = true;
  return {
    release() {
      if (!isHeld) return;
      isHeld = false;
      for (const tally of tallies) tally.connections--;
      const left = (perNetwork.get(network) ?? 1) - 1;
      if (left === 0) perNetwork.delete(network);
      else perNetwork.set(network, left);
    },
  };
}
