-- What the message trail needs: sessions that no other was ever numbered like, and records that hold much text.

-- Who wrote the last batch: a random number of each start. After a lost connection, a batch of the same number may be
-- another broker's.
alter table surety.journal_state add column run uuid;
-- The highest number that a session has had, stored or named in the trail: none is given twice.
alter table surety.journal_state add column session_key bigint not null default 0;
update surety.journal_state set session_key = greatest(
  (select coalesce(max(key), 0) from surety.session),
  (select coalesce(max(session_key), 0) from surety.audit_event));

-- Digests don't compress: to try takes longer than to write them.
alter table surety.audit_event alter column details set storage external;

-- As before, but for the storage of details.
create or replace function surety.make_audit_partition(month date) returns void language plpgsql as $$
declare
  first date := date_trunc('month', month)::date;
  name text := 'audit_event_' || to_char(first, 'YYYY_MM');
begin
  if to_regclass('surety.' || name) is not null then
    return;
  end if;
  execute format('create table surety.%I (like surety.audit_event including defaults including constraints
    including storage)', name);
  execute format('alter table surety.audit_event attach partition surety.%I for values from (%L) to (%L)', name,
    first::timestamp at time zone 'UTC', (first + interval '1 month')::timestamp at time zone 'UTC');
  execute format('create trigger refuse_truncate before truncate on surety.%I
    for each statement execute function surety.refuse_audit_change()', name);
  execute format('alter table surety.%I enable always trigger refuse_truncate', name);
  execute format('alter table surety.%I enable always trigger refuse_change', name);
end
$$;
