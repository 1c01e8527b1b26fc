import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPool, type Sql } from '../../../src/adapters/postgres/connect.js';
import { PostgresRoles } from '../../../src/adapters/postgres/postgres-roles.js';
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
  roles = new PostgresRoles(sql, 'maria');
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
const allow = { effect: 'allow', actions: ['publish'], filter: 'plant/%u', qosMax: 1 } as const;

describe('roles in the database', () => {
  test('are what the broker decides by, each rule known by its number', async () => {
    expect(await roles.add('operators')).toBe(true);
    const rule = await roles.addRule('operators', allow);
    await roles.grant('operators', { holder: 'user', name: 'ann' });
    await roles.grant('operators', { holder: 'client', name: 'panel' });
    const text = `allow publish plant/%u up to QoS 1 (role operators, rule ${rule})`;
    expect(await ruleFor('ann', 'c', 'plant/ann')).toBe(text);
    expect(await ruleFor('bob', 'panel', 'plant/bob')).toBe(text);
    expect(await ruleFor('bob', 'c', 'plant/bob')).toBe('no rule allows it');
    await roles.grant('operators', { holder: 'everyone', name: '' });
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
    expect(await roles.list()).toEqual([{ name: 'operators', rules: 1, holders: 3 }]);
    expect(await roles.show('operators')).toMatchObject({ rules: [allow], holders: [{}, {}, {}] });
    expect(await roles.show('nobody')).toBeUndefined();
  });

  test('tell the broker of each change within a second, by whomever it was made', async () => {
    const before = notices;
    await sql`update surety.role_rule set filter = 'plant/other'`;
    await waitUntil(() => notices > before, 'a notice of the change', 1000);
    expect(await ruleFor('ann', 'c', 'plant/other')).toContain('allow publish plant/other');
  });

  test('leave nothing for the audit trail where nothing changes', async () => {
    expect(await roles.add('operators')).toBe(false);
    expect(await roles.grant('operators', { holder: 'user', name: 'ann' })).toBe(false);
    expect(await roles.revoke('operators', { holder: 'user', name: 'eve' })).toBe(false);
    expect(await roles.removeRule('operators', 999)).toBe(false);
    expect(await roles.remove('nobody')).toBe(false);
    expect(await deeds()).toEqual([]);
  });

  test('that are not there take neither rules nor holders', async () => {
    const fault = 'there is no role nobody: make it with surety role add';
    await expect(roles.addRule('nobody', allow)).rejects.toThrow(fault);
    await expect(roles.grant('nobody', { holder: 'user', name: 'ann' })).rejects.toThrow(fault);
    await expect(roles.addRule('operators', { ...allow, filter: 'a#' })).rejects.toThrow(
      'a# is not a topic filter',
    );
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
    await roles.remove('operators');
    expect(await ruleFor('ann', 'c', 'plant/other')).toBe('no rule allows it');
    expect(await deeds()).toMatchObject([{ change: 'removed', role: 'operators' }]);
  });
});
