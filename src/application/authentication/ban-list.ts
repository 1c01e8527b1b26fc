import { SINGLE_ADDRESS_BITS } from '../../domain/access/address-range.js';
import { type Ban, type BanCandidate, type BanSubject, banKey, isBanned } from '../../domain/access/ban.js';

/**
 * The bans that hold, in memory. Those of a client id or of a single address, of which there may be many, are found by
 * it; ranges and user names are looked through.
 */
export class BanList {
  private readonly bans = new Map<string, Ban>();
  /** By what bans are found by. */
  private readonly found = new Map<string, Map<string, Ban>>();

  get size(): number {
    return this.bans.size;
  }

  all(): IterableIterator<Ban> {
    return this.bans.values();
  }

  /** A ban that keeps the client out; undefined if none does. @param counts Whether a ban is one of those to look for. */
  find(candidate: BanCandidate, nowMs: number, counts: (ban: Ban) => boolean = () => true): Ban | undefined {
    if (this.bans.size === 0) return undefined;
    const subject = { address: candidate.address, clientId: candidate.clientId, userName: undefined };
    for (const place of [placeOf(subject), placeOf({ ...subject, clientId: undefined }), ELSEWHERE]) {
      for (const ban of this.found.get(place)?.values() ?? [])
        if (counts(ban) && holds(ban, nowMs) && isBanned(ban, candidate)) return ban;
    }
    return undefined;
  }

  /** Adds a ban, in place of one of the same subject. */
  add(ban: Ban): void {
    this.remove(ban);
    const [key, place] = [banKey(ban), placeOf(ban)];
    this.bans.set(key, ban);
    this.found.set(place, (this.found.get(place) ?? new Map<string, Ban>()).set(key, ban));
  }

  /** @returns whether there was one of this subject. */
  remove(subject: BanSubject): boolean {
    const [key, place] = [banKey(subject), placeOf(subject)];
    if (!this.bans.delete(key)) return false;
    const beside = this.found.get(place);
    beside?.delete(key);
    if (beside?.size === 0) this.found.delete(place);
    return true;
  }

  replace(bans: Iterable<Ban>): void {
    this.bans.clear();
    this.found.clear();
    for (const ban of bans) this.add(ban);
  }
}

/** Whether a ban hasn't ended. */
export function holds({ expiresAtMs }: Ban, nowMs: number): boolean {
  return expiresAtMs === undefined || expiresAtMs > nowMs;
}

/** Where bans of ranges and of user names are found. */
const ELSEWHERE = 'elsewhere';

function placeOf({ address, clientId }: BanSubject): string {
  if (clientId !== undefined) return `client ${clientId}`;
  return address?.bits === SINGLE_ADDRESS_BITS ? `address ${address.groups.join(':')}` : ELSEWHERE;
}
