import type { DatabaseAddress } from './database-address.js';
import { errorCode, StartFailure, type StartFailureCode } from './start-failure.js';

/** What the driver's or the system's error code means to an operator, as the end of a sentence on `name`. */
const meanings: Readonly<Record<string, readonly [StartFailureCode, string]>> = {
  ECONNREFUSED: ['database-unreachable', 'nothing listens there: is PostgreSQL running, and the port right?'],
  ENOENT: [
    'database-unreachable',
    'there is no such socket: is PostgreSQL running, and the directory right?',
  ],
  EACCES: ['database-unreachable', 'this user may not use the socket'],
  ENOTFOUND: ['database-unreachable', 'the host name is unknown: check database.url and the name service'],
  EAI_AGAIN: ['database-unreachable', 'the name service does not answer: check the network'],
  EHOSTUNREACH: ['database-unreachable', 'no way leads to the host: check the network'],
  ENETUNREACH: ['database-unreachable', 'no way leads to the host: check the network'],
  ETIMEDOUT: ['database-unreachable', 'it does not answer: check the host, the port and firewalls between'],
  CONNECT_TIMEOUT: [
    'database-unreachable',
    'it does not answer: check the host, the port and firewalls between',
  ],
  ECONNRESET: [
    'database-unreachable',
    'it hung up: is it PostgreSQL, and does it speak TLS if sslmode asks for it?',
  ],
  CONNECTION_CLOSED: [
    'database-unreachable',
    'it hung up: is it PostgreSQL, and does it speak TLS if sslmode asks for it?',
  ],
  '57P03': ['database-not-ready', 'it is starting up or shutting down: try again in a moment'],
  '53300': ['database-not-ready', 'it has no connection to spare: raise its max_connections'],
  '28P01': ['database-refused', 'it refuses the user name or the password: check database.url'],
  '28000': [
    'database-refused',
    'it does not let this user in from here: check the user, pg_hba.conf and sslmode',
  ],
  '42501': ['database-refused', 'the user lacks a right: make it the owner of the database'],
  '3D000': [
    'database-missing',
    'there is no such database: create it with CREATE DATABASE, owned by the user in database.url',
  ],
  SASL_SIGNATURE_MISMATCH: [
    'database-refused',
    'it does not know the password itself: something else answers in its place',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'tls-failed',
    'its certificate is self-signed: name it, or its issuer, in sslrootcert',
  ],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'tls-failed',
    "its certificate's issuer is not trusted: name the issuer in sslrootcert",
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'tls-failed',
    "its certificate's issuer is not trusted: name the issuer in sslrootcert",
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'tls-failed',
    "its certificate's issuer is not trusted: name the issuer in sslrootcert",
  ],
  CERT_HAS_EXPIRED: ['tls-failed', 'its certificate has expired: renew it'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'tls-failed',
    'its certificate is for another host name: connect by the name in it, or use sslmode=verify-ca',
  ],
};

/** Puts what went wrong on the way to the database into words that say what to do; keeps the cause. */
export function connectionFailure(error: unknown, address: DatabaseAddress): StartFailure {
  if (error instanceof StartFailure) return error;
  const known = meanings[errorCode(error)] ?? (isTls(error) ? tlsMissing : undefined);
  const [code, meaning] = known ?? (['database-unreachable', "it can't be used"] as const);
  const own = error instanceof Error ? error.message : String(error);
  return new StartFailure(code, `the database at ${address.name}: ${meaning} (${own})`, { cause: error });
}

/** Whether the same attempt may well succeed in a moment: the server is starting, or its host is. */
export function isPassing(failure: StartFailure): boolean {
  if (failure.code === 'database-not-ready') return true;
  return failure.code === 'database-unreachable' && errorCode(failure.cause) !== 'EACCES';
}

const tlsMissing: readonly [StartFailureCode, string] = [
  'tls-failed',
  'no encrypted connection could be made: does the server have ssl = on? sslmode=prefer or disable goes without',
];

function isTls(error: unknown): boolean {
  return errorCode(error).startsWith('ERR_SSL') || errorCode(error) === 'EPROTO';
}
