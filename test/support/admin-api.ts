import type { FastifyInstance } from 'fastify';
import { adminApp, type AdminParts } from '../../src/adapters/http/admin-app.js';
import type { AdminScope, AdminTokens } from '../../src/application/ports/admin-tokens.js';
import type { AuditArchive, Verification } from '../../src/application/ports/audit-archive.js';
import { LOG_COMPONENTS, type LogLevel, type LogLevels } from '../../src/application/ports/log-levels.js';
import { FakeTrail } from './fake-trail.js';
import { type FakeNetwork, makeNetwork } from './fake-client.js';
import type { BrokerOptions } from './make-broker.js';
import { silentLogger } from './silent-logger.js';

/** The admin API of a broker without transport or database. */
export interface AdminApi extends FakeNetwork {
  readonly app: FastifyInstance;
  readonly trail: FakeTrail;
  readonly archive: FakeArchive;
  /** Lines that the broker wrote as errors. */
  readonly errors: string[];
  /** Calls a route with a token of this scope; undefined sends none. */
  readonly call: (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    options?: { readonly scope?: AdminScope | undefined; readonly body?: object },
  ) => Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
}

/** A token is its scope. */
class FakeTokens implements AdminTokens {
  readonly added = new Map<string, AdminScope>();

  find(secret: string) {
    const isKnown = ['read', 'operate', 'administer'].includes(secret);
    return Promise.resolve(
      isKnown ? { name: `t-${secret}`, scope: secret as AdminScope, createdAtMs: 0 } : undefined,
    );
  }

  list() {
    return Promise.resolve([...this.added].map(([name, scope]) => ({ name, scope, createdAtMs: 0 })));
  }

  add(name: string, scope: AdminScope) {
    if (this.added.has(name)) return Promise.resolve(undefined);
    this.added.set(name, scope);
    return Promise.resolve('the-secret');
  }

  revoke(name: string) {
    return Promise.resolve(this.added.delete(name));
  }
}

class FakeLogs implements LogLevels {
  private level: LogLevel = 'info';

  levels() {
    return Object.fromEntries(LOG_COMPONENTS.map((name) => [name, this.level])) as ReturnType<
      LogLevels['levels']
    >;
  }

  set(_component: unknown, level: LogLevel): void {
    this.level = level;
  }
}

/** Holds no records, and verifies nothing. */
export class FakeArchive implements AuditArchive {
  verification: Verification | undefined;
  readonly searched: unknown[] = [];
  failure: Error | undefined;

  search(query: unknown) {
    this.searched.push(query);
    return this.failure === undefined ? Promise.resolve([]) : Promise.reject(this.failure);
  }

  verify() {
    this.verification = {
      ...{ state: 'running', startedAtMs: 0, endedAtMs: undefined, report: undefined, failure: undefined },
    };
    return this.verification;
  }

  stop(): void {
    // Nothing is under way.
  }
}

const configuration = { node: { name: 'broker-a' } };

export async function makeAdminApi(options: BrokerOptions = {}): Promise<AdminApi> {
  const trail = new FakeTrail();
  const network = makeNetwork({ trail, ...options });
  const errors: string[] = [];
  const archive = new FakeArchive();
  const parts: AdminParts = {
    ...{ administration: network.administration, tokens: new FakeTokens(), archive, logs: new FakeLogs() },
    about: { version: '1.2.3', node: 'broker-a', startedAtMs: 0, configuration },
    logger: { ...silentLogger, error: (_, fields) => void errors.push(String(fields?.['error'])) },
    misbehaviour: { report: () => undefined },
    packetBytesMax: network.limits.packetBytesMax,
  };
  const app = await adminApp(parts);
  await app.ready();
  const call: AdminApi['call'] = async (method, url, { scope = 'administer', body, ...rest } = {}) => {
    const isAnonymous = 'scope' in rest;
    const headers = isAnonymous ? {} : { authorization: `Bearer ${scope}` };
    const response = await app.inject({
      method,
      url,
      headers,
      ...(body === undefined ? {} : { payload: body }),
    });
    return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
  };
  return { ...network, app, trail, archive, errors, call };
}
