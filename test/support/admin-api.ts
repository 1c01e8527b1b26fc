import type { FastifyInstance } from 'fastify';
import { adminApp, type AdminParts } from '../../src/adapters/http/admin-app.js';
import { VolatileJournal } from '../../src/adapters/memory/volatile-journal.js';
import { ManageBans } from '../../src/application/administration/manage-bans.js';
import { ManageRoles } from '../../src/application/administration/manage-roles.js';
import { ManageUsers } from '../../src/application/administration/manage-users.js';
import type { SettleChange } from '../../src/application/administration/settle-change.js';
import { ExplainAccess } from '../../src/application/explain-access.js';
import {
  type AdminScope,
  type AdminTokens,
  LOCAL_TOKEN_NAME,
} from '../../src/application/ports/admin-tokens.js';
import type { AuditArchive, Verification } from '../../src/application/ports/audit-archive.js';
import type { TraceInfo, TraceRequest } from '../../src/application/ports/client-traces.js';
import { LOG_COMPONENTS, type LogLevel, type LogLevels } from '../../src/application/ports/log-levels.js';
import { ALLOW_ALL } from '../../src/domain/access/access-policy.js';
import { FakeBanStore } from './fake-ban-store.js';
import { FakeRoleDirectory, FakeUserDirectory } from './fake-directories.js';
import { FakeTrail } from './fake-trail.js';
import { type FakeNetwork, makeNetwork } from './fake-client.js';
import type { BrokerOptions } from './make-broker.js';
import { silentLogger } from './silent-logger.js';

/** The admin API of a broker without transport or database. */
export interface AdminApi extends FakeNetwork {
  readonly trail: FakeTrail;
  readonly archive: FakeArchive;
  readonly users: FakeUserDirectory;
  readonly roles: FakeRoleDirectory;
  readonly banStore: FakeBanStore;
  /** Where it is served. */
  readonly address: string;
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
    if (secret === LOCAL_TOKEN_NAME)
      return Promise.resolve({ name: secret, scope: 'administer' as const, createdAtMs: 0 });
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

/** Writes nothing down. */
class FakeClientTraces {
  private readonly running = new Map<string, TraceInfo>();

  start(request: TraceRequest): TraceInfo {
    const { clientId } = request;
    if (this.list().some((trace) => trace.clientId === clientId))
      throw new Error(`the client ${clientId} is being traced already: stop that trace first`);
    const id = `t-${this.running.size + 1}`;
    const trace = { ...request, id, file: `/traces/${id}.jsonl`, startedMs: 0, bytes: 0 };
    this.running.set(trace.id, trace);
    return trace;
  }

  stop(id: string): boolean {
    return this.running.delete(id);
  }

  list(): readonly TraceInfo[] {
    return [...this.running.values()];
  }
}

const configuration = { node: { name: 'broker-a' } };
const reading = { readAtMs: 0, needRestart: ['listeners[0].port'], faults: [] };

const apps: FastifyInstance[] = [];

/** Ends the APIs that were made; call it in `afterEach`. */
export async function endAdminApis(): Promise<void> {
  await Promise.all(apps.splice(0).map((app) => app.close()));
}

/** What a test wants other than usual. */
export interface AdminApiOptions extends BrokerOptions {
  readonly hasDatabase?: boolean;
  /** Where calls seem to come from. */
  readonly clientAddress?: string;
}

export async function makeAdminApi({
  hasDatabase = true,
  clientAddress,
  ...options
}: AdminApiOptions = {}): Promise<AdminApi> {
  const trail = new FakeTrail();
  // What is published tells its events to the journal.
  const journal = new VolatileJournal();
  journal.append = (entry) => {
    for (const event of entry.events ?? []) trail.record(event);
    entry.committed();
  };
  const banStore = new FakeBanStore();
  const storage = { journal, bans: banStore, ...options.storage };
  const network = makeNetwork({ trail, ...options, storage });
  const errors: string[] = [];
  const archive = new FakeArchive();
  const { administration, bans, limits } = network;
  const [users, roles] = [new FakeUserDirectory(), new FakeRoleDirectory()];
  const settle: SettleChange = (action, caller, details) =>
    administration.changed(action, caller, { details });
  const hash = (password: string): Promise<string> => Promise.resolve(`hash of ${password.length}`);
  const parts: AdminParts = {
    ...{ administration, tokens: new FakeTokens(), archive, logs: new FakeLogs() },
    users: hasDatabase ? new ManageUsers(users, hash, settle) : undefined,
    roles: hasDatabase ? new ManageRoles(roles, settle) : undefined,
    bans: new ManageBans(bans, settle),
    explainer: new ExplainAccess(options.policies ?? { policyFor: () => ALLOW_ALL }, limits),
    traces: new FakeClientTraces(),
    about: { version: '1.2.3', node: 'broker-a', startedAtMs: 0, configuration, reading },
    logger: { ...silentLogger, error: (_, fields) => void errors.push(String(fields?.['error'])) },
    misbehaviour: { report: () => undefined },
    packetBytesMax: limits.packetBytesMax,
  };
  const app = await adminApp(parts);
  if (clientAddress !== undefined)
    app.addHook('onRequest', (request, _, done) => {
      Object.defineProperty(request, 'ip', { value: clientAddress });
      done();
    });
  // By a socket, as the library's own way of injecting requests can't be loaded in the test environment.
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  apps.push(app);
  const call: AdminApi['call'] = async (method, url, { body, ...options } = {}) => {
    const { scope } = { scope: 'administer', ...options };
    const headers = scope === undefined ? {} : { authorization: `Bearer ${scope}` };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${address}${url}`, { method, headers: { ...headers, ...type }, ...sent });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { ...network, trail, archive, users, roles, banStore, address, errors, call };
}
