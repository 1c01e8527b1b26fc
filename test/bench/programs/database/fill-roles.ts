import type { Sql } from './open-database.js';

/**
 * Writes roles with rules, all of them granted to everyone. The first allows what the load does, and every other one
 * denies a part of what it doesn't.
 * @param numbers How many roles, and how many rules in all.
 */
export async function fillRoles(
  sql: Sql,
  [roles = 0, rules = 0]: readonly number[],
): Promise<Record<string, number>> {
  await sql.begin(async (tx) => {
    await tx`insert into surety.role (name) select 'role-' || i from generate_series(1, ${roles}::int) i`;
    await tx`
      insert into surety.role_rule (role, effect, actions, filter)
      select 'role-' || (i % ${roles}::int) + 1, case when i % 10 = 0 then 'deny' else 'allow' end,
             '{publish,subscribe,receive,retain,will}',
             case when i % 10 = 0 then 'load/+/hidden/' || i else 'site/' || i || '/+/#' end
      from generate_series(1, ${rules - 1}::int) i`;
    await tx`
      insert into surety.role_rule (role, effect, actions, filter)
      values ('role-1', 'allow', '{publish,subscribe,receive,retain,will}', 'load/#')`;
    await tx`
      insert into surety.role_grant (role, holder, name)
      select 'role-' || i, 'everyone', '' from generate_series(1, ${roles}::int) i`;
  });
  return {};
}
