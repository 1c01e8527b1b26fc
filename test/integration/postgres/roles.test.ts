import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPool, type Sql } from '../../../src/adapters/postgres/connect.js';
import { PostgresRoles } from '../../../src/adapters/postgres/postgres-roles.js';
import { NO_ROLE, type RoleHolder } from '../../../src/application/ports/role-directory.js';
import type { PostgresStorage } from '../../../src/adapters/postgres/postgres-storage.js';
import { PolicyCompiler } from '../../../src/domain/access/policy-compiler.js';
import { named } from '../../../src/domain/access/principal.js';
import type { ClientId } from '../../../src/domain/client-id.js';
import { openPostgres } from '../../support/storage-under-test.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitUntil } from '../../support/wait-until.js';

let database: TestDatabase;
let storage: PostgresStorage;
let sql: Sql;
let roles: PostgresRoles;
let notices = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  storage = await openPostgres(database.url);
  sql = openPool(database.address, { max: 1 });
  roles = new PostgresRoles({ use: async (query) => query(sql), read: async (query) => query(sql) });
  storage.roles.onChange(() => notices++);
}, 60_000);
afterAll(async () => {
  await sql.end({ timeout: 1 });
  await storage.stop(1000);
  await database.drop();
});

const ruleFor = async (user: string, client: string, topic: string): Promise<string> => {
  const { book } = await storage.roles.read();
  const policy = new PolicyCompiler([book], true).policyFor(named(user), client as ClientId);
  return policy.decide({ action: 'publish', topic, qos: 0 }).rule;
};
/** What was left for the audit trail since the last call. */
const deeds = async () => {
  const rows = await sql<{ kind: string; principal: string; details: Record<string, unknown> }[]>`
    delete from surety.admin_action returning kind, principal, details`;
  return [...rows].map(({ kind, principal, details }) => ({ kind, principal, ...details }));
};
const MARIA = { principal: 'maria', authentication: 'command_line' } as const;
const add = (name: string) => roles.change(name, { change: 'added' }, MARIA);
const remove = (name: string) => roles.change(name, { change: 'removed' }, MARIA);
const grant = (role: string, holder: RoleHolder['holder'], name: string) =>
  roles.change(role, { change: 'granted', holder, name }, MARIA);
const allow = { effect: 'allow', actions: ['publish'], filter: 'plant/%u', qosMax: 1 } as const;

describe('roles in the database', () => {
  test('are what the broker decides by, each rule known by its number', async () => {
    expect(await add('operators')).toBe(true);
    const rule = await roles.addRule('operators', allow, MARIA);
    await grant('operators', 'user', 'ann');
    await grant('operators', 'client', 'panel');
    const text = `allow publish plant/%u up to QoS 1 (role operators, rule ${String(rule)})`;
    expect(await ruleFor('ann', 'c', 'plant/ann')).toBe(text);
    expect(await ruleFor('bob', 'panel', 'plant/bob')).toBe(text);
    expect(await ruleFor('bob', 'c', 'plant/bob')).toBe('no rule allows it');
    await grant('operators', 'everyone', '');
    expect(await ruleFor('bob', 'c', 'plant/bob')).toBe(text);
    expect(await deeds()).toMatchObject([
      { kind: 'role.changed', principal: 'maria', role: 'operators', change: 'added' },
      { change: 'rule_added', rule, effect: 'allow', filter: 'plant/%u', qosMax: 1 },
      { change: 'granted', holder: 'user', name: 'ann' },
      { change: 'granted', holder: 'client', name: 'panel' },
      { change: 'granted', holder: 'everyone' },
    ]);
  });

  test('are shown and listed', async () => {
    const summary = { name: 'operators', rules: 1, holders: 3 };
    expect([...(await roles.list({ limit: 10 }))]).toEqual([summary]);
    expect(await roles.list({ limit: 10, after: 'operators' })).toHaveLength(0);
    expect(await roles.find('operators')).toEqual(summary);
    expect(await roles.find('nobody')).toBeUndefined();
    const [rule] = await roles.rules('operators', { after: -1, limit: 10 });
    expect(rule).toMatchObject(allow);
    expect(await roles.rules('operators', { after: rule!.id, limit: 10 })).toEqual([]);
    const holders = [];
    for (let after: RoleHolder | undefined; ;) {
      const [holder] = await roles.holders('operators', { after, limit: 1 });
      if (holder === undefined) break;
      holders.push((after = holder));
    }
    expect(holders).toEqual([
      { holder: 'client', name: 'panel' },
      { holder: 'everyone', name: '' },
      { holder: 'user', name: 'ann' },
    ]);
  });

  test('tell the broker of each change within a second, by whomever it was made', async () => {
    const before = notices;
    await sql`update surety.role_rule set filter = 'plant/other'`;
    await waitUntil(() => notices > before, 'a notice of the change', 1000);
    expect(await ruleFor('ann', 'c', 'plant/other')).toContain('allow publish plant/other');
  });

  test('leave nothing for the audit trail where nothing changes', async () => {
    expect(await add('operators')).toBe(false);
    expect(await grant('operators', 'user', 'ann')).toBe(false);
    const revoked = { change: 'revoked', holder: 'user', name: 'eve' } as const;
    expect(await roles.change('operators', revoked, MARIA)).toBe(false);
    expect(await roles.change('operators', { change: 'rule_removed', rule: 999 }, MARIA)).toBe(false);
    expect(await remove('nobody')).toBe(false);
    expect(await deeds()).toEqual([]);
  });

  test('that are not there take neither rules nor holders', async () => {
    expect(await roles.addRule('nobody', allow, MARIA)).toBe(NO_ROLE);
    expect(await grant('nobody', 'user', 'ann')).toBe(NO_ROLE);
    expect(await deeds()).toEqual([]);
  });

  test('with a filter that cannot be are refused with all faults, until that is mended', async () => {
    await sql`insert into surety.role_rule (role, effect, actions, filter) values
      ('operators', 'allow', '{publish}', 'a#'), ('operators', 'deny', '{publish}', 'b/#/c')`;
    await expect(storage.roles.read()).rejects.toThrow(/rule \d+: a# is not.*\n.*rule \d+: b\/#\/c is not/);
    await sql`delete from surety.role_rule where filter in ('a#', 'b/#/c')`;
    expect((await storage.roles.read()).ruleCount).toBe(1);
  });

  test('are read on another connection when theirs was lost', async () => {
    await sql`update surety.role_rule set qos_max = 0`;
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name = 'surety'`;
    expect(await ruleFor('ann', 'c', 'plant/other')).toContain('up to QoS 0');
  });

  test('go with their rules and holders', async () => {
    await remove('operators');
    expect(await ruleFor('ann', 'c', 'plant/other')).toBe('no rule allows it');
    expect(await deeds()).toMatchObject([{ change: 'removed', role: 'operators' }]);
  });
});
