import type { AuditDetails, AuditEvent } from '../domain/audit/audit-event.js';

/** What refusals are counted together by: the wider, the less the record says of who was refused. */
type Scope = 'client' | 'address' | 'everybody';

/** Refusals of one sort since the first of them was recorded. */
interface Window {
  readonly scope: Scope;
  readonly addressKey: string;
  readonly openedMs: number;
  /** What the refusals that were counted have in common; undefined before the first of them. */
  common: AuditEvent | undefined;
  count: number;
  firstAtMs: number;
}

/** Looked at each time. */
export interface FoldSettings {
  /** Within so long, refusals of the same kind are counted in one record. */
  readonly foldSeconds: number;
}

/** Clients of one address that are told apart at a time: past it they are counted by their address. */
const CLIENTS_PER_ADDRESS_MAX = 10;
/** Windows at a time: past it refusals are counted by what they are, whoever was refused. */
const WINDOWS_MAX = 1000;
/** So much of a client id tells clients apart here, in UTF-16 units. */
const CLIENT_ID_PART = 200;

/**
 * Keeps a storm of refusals from filling the disk. The first refusal of a client for a reason is recorded at once;
 * those that follow within a while are counted, and then written as one record with their number. However many
 * names and addresses there are, memory and records are bounded, and the sum of the numbers is exact.
 */
export class FoldedRefusals {
  private readonly windows = new Map<string, Window>();
  /** How many clients of an address are told apart. */
  private readonly clients = new Map<string, number>();
  private isClosed = false;

  constructor(
    private readonly record: (event: AuditEvent) => void,
    private readonly settings: FoldSettings,
  ) {}

  /** Whether nothing is counted at the moment. */
  get isEmpty(): boolean {
    return this.windows.size === 0;
  }

  /** @param count How many refusals the event stands for. */
  add(event: AuditEvent, count = 1): void {
    const sort = `${event.kind} ${event.reason ?? ''} ${event.rule ?? ''}`;
    const addressKey = `${sort} at ${event.address ?? ''}`;
    const clientKey = `${addressKey} by ${event.clientId?.slice(0, CLIENT_ID_PART) ?? ''}`;
    const scope = this.windows.has(clientKey) ? 'client' : this.scopeFor(addressKey);
    const key = { client: clientKey, address: addressKey, everybody: sort }[scope];
    const window = this.windows.get(key);
    if (window !== undefined) return fold(window, event, count);
    this.record(count === 1 ? event : withCount(event, { count }));
    if (!this.isClosed) this.open(key, { scope, addressKey, atMs: event.atMs });
  }

  /** Records what was counted for as long as it may be. */
  sweep(nowMs: number): void {
    const foldMs = this.settings.foldSeconds * 1000;
    for (const [key, window] of this.windows) {
      if (nowMs - window.openedMs >= foldMs) this.end(key, window);
    }
  }

  /** Records all that was counted; from now on each refusal is recorded. */
  close(): void {
    this.isClosed = true;
    for (const [key, window] of this.windows) this.end(key, window);
  }

  private scopeFor(addressKey: string): Scope {
    if (this.windows.size >= WINDOWS_MAX) return 'everybody';
    return (this.clients.get(addressKey) ?? 0) >= CLIENTS_PER_ADDRESS_MAX ? 'address' : 'client';
  }

  private open(
    key: string,
    { scope, addressKey, atMs }: Pick<Window, 'scope' | 'addressKey'> & { atMs: number },
  ): void {
    if (scope === 'client') this.clients.set(addressKey, (this.clients.get(addressKey) ?? 0) + 1);
    this.windows.set(key, {
      scope,
      addressKey,
      openedMs: atMs,
      common: undefined,
      count: 0,
      firstAtMs: atMs,
    });
  }

  private end(key: string, { scope, addressKey, common, count, firstAtMs }: Window): void {
    this.windows.delete(key);
    if (scope === 'client') {
      const left = (this.clients.get(addressKey) ?? 1) - 1;
      if (left === 0) this.clients.delete(addressKey);
      else this.clients.set(addressKey, left);
    }
    if (common !== undefined) this.record(withCount(common, { count, firstAtMs, lastAtMs: common.atMs }));
  }
}

function withCount(event: AuditEvent, counted: AuditDetails): AuditEvent {
  return { ...event, details: { ...event.details, ...counted } };
}

function fold(window: Window, event: AuditEvent, count: number): void {
  if (window.common === undefined) window.firstAtMs = event.atMs;
  window.common = window.common === undefined ? event : commonOf(window.common, event);
  window.count += count;
}

/** The later of two events, without what they differ in. */
function commonOf(before: AuditEvent, event: AuditEvent): AuditEvent {
  const same = <K extends keyof AuditEvent>(name: K): AuditEvent[K] | undefined =>
    before[name] === event[name] ? event[name] : undefined;
  return {
    kind: event.kind,
    atMs: event.atMs,
    clientId: same('clientId'),
    principal: same('principal'),
    authentication: same('authentication'),
    address: same('address'),
    listener: same('listener'),
    session: same('session'),
    reason: same('reason'),
    rule: same('rule'),
    topic: same('topic'),
  };
}
