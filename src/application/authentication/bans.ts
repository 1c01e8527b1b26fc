import { parseAddressRange } from '../../domain/access/address-range.js';
import {
  type Ban,
  type ClientNames,
  banKey,
  type BanSubject,
  subjectDetails,
} from '../../domain/access/ban.js';
import type { AuditDetails } from '../../domain/audit/audit-event.js';
import type { AuditRecorder } from '../audit-recorder.js';
import type { BrokerState } from '../broker-state.js';
import type { EndConnection } from '../end-connection.js';
import type { AdminCaller } from '../ports/admin-caller.js';
import type { BanStore } from '../ports/ban-store.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { BanList, holds } from './ban-list.js';

/** What `Bans` works with. */
export interface BansDependencies {
  readonly state: BrokerState;
  readonly store: BanStore;
  readonly endConnection: EndConnection;
  readonly audit: AuditRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often ended bans are looked for, in milliseconds. */
const SWEEP_MS = 10_000;
/** Bans that the broker imposes by itself: past it the oldest of them gives way. */
const OWN_BANS_MAX = 10_000;
/** Who imposes bans by itself. */
const BROKER = 'broker';

/** Who is kept out: told when a connection comes and before credentials are looked at, and enforced on those who are in. */
export class Bans {
  readonly list = new BanList();
  /** The bans that the broker has imposed, by their keys; the oldest first. */
  private readonly own = new Map<string, Ban>();
  private stopSweeping: (() => void) | undefined;
  private reading: Promise<void> | undefined;
  /** Counts changes of our own, so that what was read before them doesn't undo them. */
  private changes = 0;

  constructor(private readonly deps: BansDependencies) {}

  /** Reads the bans of the runs before. @throws Error when they can't be read: nobody may slip in unseen. */
  async start(): Promise<void> {
    const { clock, store } = this.deps;
    this.replace(await store.load(clock.nowMs()));
    store.onChanged(() => void this.readAnew());
    this.stopSweeping = clock.every(SWEEP_MS, () => this.sweep());
  }

  stop(): void {
    this.stopSweeping?.();
  }

  /** Those that have not ended. */
  *holding(): Generator<Ban> {
    const nowMs = this.deps.clock.nowMs();
    for (const ban of this.list.all()) if (holds(ban, nowMs)) yield ban;
  }

  /** Whether whoever comes from this address is kept out: as this client, or else whatever they may say of themselves. */
  keepsOut(address: string, { clientId, userName }: Partial<ClientNames> = {}): boolean {
    // Mostly there is no ban at all: then nobody reads the address.
    if (this.list.size === 0) return false;
    const candidate = { address: parseAddressRange(address), clientId, userName };
    return this.list.find(candidate, this.deps.clock.nowMs()) !== undefined;
  }

  /** Keeps out whoever has failed too often; those who are in under the same names stay. */
  impose(address: string, clientId: string | undefined, ms: number, reason: string): void {
    const { audit, clock, logger, store } = this.deps;
    const createdAtMs = clock.nowMs();
    const range = parseAddressRange(address);
    if (range === undefined && clientId === undefined) return;
    const subject = { address: range, clientId, userName: undefined };
    const ban = { ...subject, reason, by: BROKER, createdAtMs, expiresAtMs: createdAtMs + ms };
    this.makeRoom();
    this.changes++;
    this.own.set(banKey(ban), ban);
    this.list.add(ban);
    audit.record('ban.added', { address, clientId }, { reason, details: banDetails(ban) });
    logger.warn('repeated failures: banned for a while', { address, clientId, reason, seconds: ms / 1000 });
    void store.add(ban).catch((error: unknown) => this.storeFailed(error));
  }

  /** Somebody keeps clients out; those who are in are cut off. @throws Error when it can't be stored: then nothing has changed. */
  async add(ban: Ban, by: AdminCaller): Promise<void> {
    await this.deps.store.add(ban, by);
    this.forget(ban);
    this.list.add(ban);
    this.enforce();
  }

  /** Somebody lifts a ban. @returns whether there was one. @throws Error when that can't be stored: then nothing has changed. */
  async lift(subject: BanSubject, by: AdminCaller): Promise<boolean> {
    const wasStored = await this.deps.store.remove(subject, by);
    return this.forget(subject) || wasStored;
  }

  /** Bans were added or removed from outside; those who are in are kept out as well. */
  readAnew(): Promise<void> {
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(): Promise<void> {
    const { clock, store } = this.deps;
    try {
      let before: number;
      let bans: readonly Ban[];
      do {
        before = this.changes;
        bans = await store.load(clock.nowMs());
      } while (before !== this.changes);
      this.replace(bans);
      if (bans.some(isFromOutside)) this.enforce();
    } catch (error) {
      this.storeFailed(error);
    }
  }

  private replace(bans: readonly Ban[]): void {
    this.list.replace(bans);
    this.own.clear();
    for (const ban of bans) if (ban.by === BROKER) this.own.set(banKey(ban), ban);
  }

  /** One walk over the clients, however many bans there are. */
  private enforce(): void {
    const { clock, state, endConnection } = this.deps;
    const nowMs = clock.nowMs();
    for (const client of [...state.clients.values()]) {
      const { link, session, principal } = client;
      const address = parseAddressRange(link.remoteAddress);
      const candidate = { address, clientId: session.clientId, userName: principal.name };
      if (this.list.find(candidate, nowMs, isFromOutside) !== undefined) endConnection.cut(client, 'banned');
    }
  }

  private sweep(): void {
    const { audit, clock, store } = this.deps;
    const nowMs = clock.nowMs();
    for (const ban of [...this.list.all()]) {
      if (holds(ban, nowMs)) continue;
      this.forget(ban);
      const actor = { address: ban.address?.text, clientId: ban.clientId };
      audit.record('ban.removed', actor, { reason: 'expired', details: banDetails(ban) });
      void store.remove(ban).catch((error: unknown) => this.storeFailed(error));
    }
  }

  private makeRoom(): void {
    const [oldest] = this.own.values();
    if (this.own.size < OWN_BANS_MAX || oldest === undefined) return;
    this.forget(oldest);
    void this.deps.store.remove(oldest).catch((error: unknown) => this.storeFailed(error));
  }

  /** @returns whether it held. */
  private forget(subject: BanSubject): boolean {
    this.changes++;
    this.own.delete(banKey(subject));
    return this.list.remove(subject);
  }

  private storeFailed(error: unknown): void {
    this.deps.logger.error('bans could not be read or stored: those in memory hold', {
      reason: String(error),
    });
  }
}

/** Bans by the broker itself leave those alone who are in. */
function isFromOutside({ by }: Ban): boolean {
  return by !== BROKER;
}

/** A ban as the audit trail tells it. */
function banDetails(ban: Ban): AuditDetails {
  const { by, reason, expiresAtMs } = ban;
  return { ...subjectDetails(ban), reason, by, expiresAtMs: expiresAtMs ?? null };
}
