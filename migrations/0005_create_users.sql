-- Users who prove who they are with a password that stands here; `surety user` manages them.

create table surety.client_user (
  name text primary key check (octet_length(name) between 1 and 1000),
  -- A PHC string (argon2id), or what mosquitto_passwd has made. Never the password.
  password_hash text not null,
  is_disabled boolean not null default false,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now()
);

-- What was done from outside the broker, in the transactions of what was done. The broker, told by NOTIFY surety_admin
-- or at its next start, moves it into the audit trail: only who writes all of the chain can link it.
create table surety.admin_action (
  id bigint generated always as identity primary key,
  at timestamptz(3) not null default clock_timestamp(),
  -- A kind of the audit trail.
  kind text not null,
  -- The user of the operating system.
  principal text not null,
  database_user text not null default session_user,
  details jsonb not null
);

create view surety_report.users as
  select name, is_disabled as disabled, created_at, changed_at from surety.client_user;

do $$
begin
  if exists (select from pg_roles where rolname = 'surety_reader') then
    grant select on surety_report.users to surety_reader;
  end if;
exception when insufficient_privilege then
  raise notice 'surety_reader may not read the users yet: have an administrator grant it select on surety_report.users';
end
$$;
