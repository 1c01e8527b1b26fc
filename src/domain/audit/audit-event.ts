/** What the audit trail tells of. Closed: each kind is documented with an example in docs/audit.md. */
export const AUDIT_KINDS = [
  'broker.started',
  'broker.stopped',
  /** The broker before this one ended without saying so. */
  'broker.recovered',
  'audit.disabled',
  /** A partition whose records are past their age was dropped. */
  'audit.dropped',
  'configuration.changed',
  /** The machine's clock says something else than the broker's time, which the trail goes by. */
  'clock.stepped',
  /** A source of access rules says something else now. */
  'access.changed',
  /** Somebody has changed a role, its rules, or who has it. */
  'role.changed',
  'user.added',
  'user.removed',
  'user.changed',
  'ban.added',
  'ban.removed',
  'connection.accepted',
  'connection.refused',
  'connection.closed',
  'session.created',
  'session.resumed',
  'session.taken_over',
  'session.expired',
  'session.deleted',
  'subscription.made',
  'subscription.denied',
  'subscription.removed',
  'publish.denied',
  'retained.set',
  'retained.cleared',
  'will.published',
  'queue.overflowed',
  'messages.published',
  'messages.delivered',
  'messages.acknowledged',
  'messages.dropped',
  /** A call of the admin API that changes something. */
  'admin.action',
  'admin.refused',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** Those that tell of many messages in one record. */
export const MESSAGE_KINDS: readonly AuditKind[] = AUDIT_KINDS.filter((kind) => kind.startsWith('messages.'));

/** A detail in JSON already, as `detailText` would have it: for what is the same in very many records, or very long. */
export class JsonText {
  constructor(readonly text: string) {}

  toJSON(): AuditDetail {
    return JSON.parse(this.text) as AuditDetail;
  }
}

/** A detail of an event: never a payload, a password or a token. Numbers are whole. */
export type AuditDetail = string | number | boolean | null | JsonText | readonly AuditDetail[] | AuditDetails;
export interface AuditDetails {
  readonly [name: string]: AuditDetail;
}

/** Who did something, and on what session. What doesn't apply is absent. */
export interface AuditActor {
  readonly clientId?: string | undefined;
  /** The name that the client has proved; absent for an anonymous one. */
  readonly principal?: string | undefined;
  /** How it has proved it: the provider's name. */
  readonly authentication?: string | undefined;
  /** The peer's address, without the port. */
  readonly address?: string | undefined;
  readonly listener?: string | undefined;
  /** The key of the durable session that it concerns. */
  readonly session?: number | undefined;
}

/** Something that happened, and who did it why. What doesn't apply is absent. */
export interface AuditEvent extends AuditActor {
  readonly kind: AuditKind;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** The reason code, or the error. */
  readonly reason?: string | undefined;
  /** The access rule that decided, and where it stands. */
  readonly rule?: string | undefined;
  /** The topic or the filter that it concerns. */
  readonly topic?: string | undefined;
  readonly details?: AuditDetails | undefined;
}

/** The version of the record's format. */
export const AUDIT_VERSION = 1;

/** An event with its place in the trail. */
export interface AuditRecord extends AuditEvent {
  /** Counts up from 1 without a gap. */
  readonly sequence: number;
  /** The name of the broker that wrote it. */
  readonly node: string;
}
