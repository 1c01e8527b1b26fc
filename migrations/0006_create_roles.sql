-- Roles, what they may do, and who has them: read by the broker where access.roles is set.

create table surety.role (
  name text primary key check (name <> '' and octet_length(name) <= 256),
  created_at timestamptz not null default now()
);

create table surety.role_rule (
  -- Names the rule in the audit trail; never given to another.
  id bigint generated always as identity primary key,
  role text not null references surety.role on update cascade on delete cascade,
  effect text not null check (effect in ('allow', 'deny')),
  actions text[] not null check (
    cardinality(actions) > 0 and actions <@ array['publish', 'subscribe', 'receive', 'retain', 'will']
  ),
  filter text not null check (filter <> ''),
  qos_max smallint check (qos_max between 0 and 2),
  created_at timestamptz not null default now()
);
create index role_rule_role on surety.role_rule (role);

create table surety.role_grant (
  role text not null references surety.role on update cascade on delete cascade,
  -- Whom `name` names: a user needn't be in this database, and a client need never have come.
  holder text not null check (holder in ('user', 'client', 'everyone')),
  name text not null check (octet_length(name) <= 1024 and (name = '') = (holder = 'everyone')),
  created_at timestamptz not null default now(),
  primary key (role, holder, name)
);

-- Counts changes, so that a broker sees at a glance whether there is anything new.
create table surety.role_version (
  is_only boolean primary key default true check (is_only),
  version bigint not null
);
insert into surety.role_version (version) values (1);

-- A running broker hears of every change, by whomever it was made.
create function surety.note_role_change() returns trigger language plpgsql as $$
begin
  update surety.role_version set version = version + 1;
  perform pg_notify('surety_admin', 'role.changed');
  return null;
end
$$;
create trigger note_change after insert or update or delete or truncate on surety.role
  for each statement execute function surety.note_role_change();
create trigger note_change after insert or update or delete or truncate on surety.role_rule
  for each statement execute function surety.note_role_change();
create trigger note_change after insert or update or delete or truncate on surety.role_grant
  for each statement execute function surety.note_role_change();

create view surety_report.role_rules as
  select role, id as rule, effect, actions, filter, qos_max, created_at from surety.role_rule;
create view surety_report.role_grants as
  select role, holder, name, created_at from surety.role_grant;

do $$
begin
  if exists (select from pg_roles where rolname = 'surety_reader') then
    grant select on surety_report.role_rules, surety_report.role_grants to surety_reader;
  end if;
exception when insufficient_privilege then
  raise notice 'surety_reader may not read the roles yet: have an administrator grant it select on surety_report.role_rules and role_grants';
end
$$;
