import { readFileSync } from 'node:fs';
import type postgres from 'postgres';
import { StartFailure } from './start-failure.js';

/** Which database to use, and as whom. */
export interface DatabaseAddress {
  /** For messages: host, port and database, never a password. */
  readonly name: string;
  /** Undefined where `options` say it all. */
  readonly url?: string;
  readonly options: postgres.Options<Record<string, never>>;
}

type TlsOption = boolean | 'prefer' | 'require' | Record<string, unknown>;

/**
 * Reads a `database.url`: `postgres://user:password@host:port/database`, with several hosts if separated by
 * commas, and the parameters of libpq: `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, `host` (the directory of a Unix
 * socket, with its `port`), `target_session_attrs`. Without `sslmode`, TLS is used if the server has it, save on this machine.
 * @throws StartFailure `database-url-invalid`, which never quotes the URL's password.
 */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  const parts = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url);
  if (parts === null) {
    throw new StartFailure(
      'database-url-invalid',
      'database.url is not of the form postgres://user:password@host:5432/database ' +
        '(special characters in the password are written as %40 and the like)',
    );
  }
  const [, credentials = '', hosts = '', path = '', query = ''] = parts;
  const parameters = new URLSearchParams(query);
  const socket = takeSocket(hosts, parameters);
  const database = decode(path);
  if (database === '') {
    throw new StartFailure(
      'database-url-invalid',
      'database.url names no database: add /surety after the host',
    );
  }
  const host = socket === undefined && hosts !== '' ? hosts : 'localhost';
  const ssl = takeTls(parameters, socket !== undefined || host.split(',').every(isLoopback));
  const rest = parameters.size === 0 ? '' : `?${parameters.toString()}`;
  const clean = `postgres://${credentials === '' ? '' : `${credentials}@`}${host}/${path}${rest}`;
  requireParsable(clean, host);
  return {
    name: `${socket?.host ?? host}/${database}`,
    url: clean,
    options: { ssl, ...socket },
  };
}

/** The address of a server that listens on a Unix socket. */
export function socketAddress(
  socket: string,
  login: { user: string; password: string; database: string },
): DatabaseAddress {
  return {
    name: `${socket}/${login.database}`,
    options: { ...login, path: socket, ssl: false },
  };
}

/** The port is part of a socket's file name. */
function takeSocket(hosts: string, parameters: URLSearchParams): { host: string; port?: number } | undefined {
  const fromQuery = parameters.get('host');
  parameters.delete('host');
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(fromQuery ?? decode(hosts)) ?? [];
  if (host.startsWith('/')) {
    const number = port ?? parameters.get('port');
    parameters.delete('port');
    return number === null ? { host } : { host, port: Number(number) };
  }
  if (fromQuery === null) return undefined;
  throw new StartFailure(
    'database-url-invalid',
    'the parameter host of database.url is for the directory of a Unix socket: write a host name before the database',
  );
}

function takeTls(parameters: URLSearchParams, isLocal: boolean): TlsOption {
  const mode = parameters.get('sslmode') ?? (isLocal ? 'disable' : 'prefer');
  const ca = readPem(parameters, 'sslrootcert');
  const cert = readPem(parameters, 'sslcert');
  const key = readPem(parameters, 'sslkey');
  parameters.delete('sslmode');
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  switch (mode) {
    case 'disable':
      return false;
    case 'allow':
    case 'prefer':
      return 'prefer';
    case 'require':
      // As libpq has it: encrypted, and verified only where a root certificate was given.
      return { ...files, rejectUnauthorized: ca !== undefined, checkServerIdentity: () => undefined };
    case 'verify-ca':
      return { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case 'verify-full':
      return { ...files, rejectUnauthorized: true };
    default:
      throw new StartFailure(
        'database-url-invalid',
        `sslmode=${mode} in database.url is unknown: use disable, prefer, require, verify-ca or verify-full`,
      );
  }
}

function readPem(parameters: URLSearchParams, name: string): string | undefined {
  const path = parameters.get(name);
  parameters.delete(name);
  // The word asks for the system's certificates, which verification uses anyway.
  if (path === null || path === 'system') return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartFailure('database-url-invalid', `${name}=${path} in database.url can't be read`, {
      cause: error,
    });
  }
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new StartFailure(
      'database-url-invalid',
      'database.url holds a % that is not followed by two hex digits',
      {
        cause: error,
      },
    );
  }
}

/** The driver parses the URL once more, and would quote it, password and all, in its error. */
function requireParsable(url: string, host: string): void {
  if (URL.canParse(url.replace(host, host.split(',')[0] ?? ''))) return;
  throw new StartFailure(
    'database-url-invalid',
    `database.url can't be parsed: check the host and port "${host}", and write special characters in the password as %40 and the like`,
  );
}
