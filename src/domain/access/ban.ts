import type { AuditDetails } from '../audit/audit-event.js';
import { type AddressRange, isInRange } from './address-range.js';

/** Whom a ban keeps out: clients on which all that it names is true. It names one thing at least. */
export interface BanSubject {
  readonly address: AddressRange | undefined;
  readonly clientId: string | undefined;
  readonly userName: string | undefined;
}

/** Clients that aren't let in, and why. */
export interface Ban extends BanSubject {
  readonly reason: string;
  /** Who has imposed it: `broker`, a user of the operating system, or `token` and the name of one. */
  readonly by: string;
  readonly createdAtMs: number;
  /** Milliseconds since the epoch; undefined when it never ends. */
  readonly expiresAtMs: number | undefined;
}

/** What a client calls itself. */
export interface ClientNames {
  /** Undefined while it hasn't said. */
  readonly clientId: string | undefined;
  /** The name that it claims, or has proved. */
  readonly userName: string | undefined;
}

/** A client as a ban sees it. */
export interface BanCandidate extends ClientNames {
  /** A single one; undefined for one that is none, as of a Unix socket. */
  readonly address: AddressRange | undefined;
}

/** Tells bans apart: there is one at most of a subject. */
export function banKey({ address, clientId, userName }: BanSubject): string {
  return JSON.stringify([address?.text ?? null, clientId ?? null, userName ?? null]);
}

/** Whom a ban keeps out, as the audit trail tells it. */
export function subjectDetails({ address, clientId, userName }: BanSubject): AuditDetails {
  return { address: address?.text ?? null, clientId: clientId ?? null, user: userName ?? null };
}

/** Whether a ban keeps this client out, if it hasn't ended. */
export function isBanned({ address, clientId, userName }: BanSubject, candidate: BanCandidate): boolean {
  return (
    (clientId === undefined || clientId === candidate.clientId) &&
    (userName === undefined || userName === candidate.userName) &&
    (address === undefined || isInRange(address, candidate.address))
  );
}
