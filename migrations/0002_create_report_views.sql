-- For people and for Grafana: stable views, and a role that may read them and nothing else.

create schema surety_report;

create view surety_report.sessions as
  select s.client_id,
         s.created_at,
         s.disconnected_at is null as connected,
         s.disconnected_at,
         (select count(*) from surety.subscription b where b.session_key = s.key) as subscriptions
  from surety.session s;

create view surety_report.subscriptions as
  select s.client_id, b.filter, b.qos
  from surety.subscription b
  join surety.session s on s.key = b.session_key;

create view surety_report.queues as
  select s.client_id,
         count(*) as messages,
         sum(d.bytes) as bytes,
         min(d.stored_at) as oldest_at,
         extract(epoch from now() - min(d.stored_at)) as oldest_age_seconds
  from surety.delivery d
  join surety.session s on s.key = d.session_key
  group by s.key, s.client_id;

create view surety_report.retained_messages as
  select r.topic, r.qos, octet_length(r.payload) as payload_bytes, r.payload, r.published_at
  from surety.retained r;

-- Roles belong to the whole server, and not every owner of a database may make one.
do $$
begin
  if not exists (select from pg_roles where rolname = 'surety_reader') then
    create role surety_reader nologin;
  end if;
  grant usage on schema surety_report to surety_reader;
  grant select on all tables in schema surety_report to surety_reader;
exception when insufficient_privilege then
  raise notice 'the role surety_reader was not made: have an administrator create it and grant it select in schema surety_report';
end
$$;
