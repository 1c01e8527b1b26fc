-- The audit trail: written in the transactions of what it tells, and never changed. What happens to it in spite of the
-- triggers below shows in the chain of hashes: see docs/audit.md.

create table surety.audit_event (
  -- Counts up from 1 without a gap.
  sequence bigint not null,
  -- To the millisecond, so that nothing hides behind what the hash covers.
  at timestamptz(3) not null,
  node text not null,
  -- Of the record's format.
  version smallint not null,
  kind text not null,
  client_id text,
  principal text,
  authentication text,
  address text,
  listener text,
  session_key bigint,
  reason text,
  rule text,
  topic text,
  details jsonb,
  previous_hash bytea not null,
  hash bytea not null,
  primary key (sequence, at)
) partition by range (at);

-- Rows come in the order of time, so that a summary of each stretch of pages is enough.
create index audit_event_at on surety.audit_event using brin (at) with (autosummarize = on);
-- A client id can be longer than an index row may be.
create index audit_event_client on surety.audit_event (left(client_id, 200), at) where client_id is not null;
create index audit_event_kind on surety.audit_event (kind, at);

create function surety.refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail is never changed: % on % is refused', tg_op, tg_table_name
    using errcode = 'insufficient_privilege',
          hint = 'Records past their age go with their month: see audit.retentionDays.';
end
$$;

create trigger refuse_change before update or delete on surety.audit_event
  for each row execute function surety.refuse_audit_change();
create trigger refuse_truncate before truncate on surety.audit_event
  for each statement execute function surety.refuse_audit_change();
-- Also where a session claims to be a replica.
alter table surety.audit_event enable always trigger refuse_change;
alter table surety.audit_event enable always trigger refuse_truncate;

-- Makes the partition of a month (UTC) unless it is there. Attached, not created in place: that would wait for whoever
-- reads the trail, and have all that is written wait with it.
create function surety.make_audit_partition(month date) returns void language plpgsql as $$
declare
  first date := date_trunc('month', month)::date;
  name text := 'audit_event_' || to_char(first, 'YYYY_MM');
begin
  if to_regclass('surety.' || name) is not null then
    return;
  end if;
  execute format('create table surety.%I (like surety.audit_event including defaults including constraints)', name);
  execute format('alter table surety.audit_event attach partition surety.%I for values from (%L) to (%L)', name,
    first::timestamp at time zone 'UTC', (first + interval '1 month')::timestamp at time zone 'UTC');
  execute format('create trigger refuse_truncate before truncate on surety.%I
    for each statement execute function surety.refuse_audit_change()', name);
  execute format('alter table surety.%I enable always trigger refuse_truncate', name);
  execute format('alter table surety.%I enable always trigger refuse_change', name);
end
$$;

create view surety_report.audit as
  select sequence, at, node, kind, client_id, principal, authentication, address, listener, session_key, reason, rule,
         topic, details
  from surety.audit_event;

do $$
begin
  if exists (select from pg_roles where rolname = 'surety_reader') then
    grant select on surety_report.audit to surety_reader;
  end if;
exception when insufficient_privilege then
  raise notice 'surety_reader may not read the audit trail yet: have an administrator grant it select on surety_report.audit';
end
$$;
