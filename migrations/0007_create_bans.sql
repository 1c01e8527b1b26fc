-- Clients that aren't let in. Written by the broker for those who fail again and again, and by `surety ban`.

create table surety.ban (
  -- SHA-256 of what it names: a client id can be longer than an index row may be.
  digest bytea primary key,
  -- An address, or a range in CIDR form, as it was written.
  address text,
  client_id text,
  user_name text,
  reason text not null,
  -- `broker`, or a user of the operating system.
  imposed_by text not null,
  created_at timestamptz(3) not null,
  -- Null when it never ends.
  expires_at timestamptz(3),
  check (num_nonnulls(address, client_id, user_name) > 0)
);

create view surety_report.bans as
  select address, client_id, user_name, reason, imposed_by, created_at, expires_at
  from surety.ban
  where expires_at is null or expires_at > now();

do $$
begin
  if exists (select from pg_roles where rolname = 'surety_reader') then
    grant select on surety_report.bans to surety_reader;
  end if;
exception when insufficient_privilege then
  raise notice 'surety_reader may not read the bans yet: have an administrator grant it select on surety_report.bans';
end
$$;
