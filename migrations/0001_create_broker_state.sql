-- What the broker restarts from. The broker alone writes here; people read the views of 0002.
-- Names that clients choose can be longer than an index row may be: they are keyed by their SHA-256.

create schema surety;

create table surety.journal_state (
  id smallint primary key check (id = 1),
  -- The number of the last batch that was committed: after a lost connection it tells whether the batch under way was.
  batch bigint not null
);
insert into surety.journal_state (id, batch) values (1, 0);

create table surety.session (
  key bigint primary key,
  client_id text not null,
  created_at timestamptz not null,
  -- Null while the client is connected.
  disconnected_at timestamptz,
  -- The last sequence that was sent before the client went away.
  sent_through bigint
);

create table surety.subscription (
  session_key bigint not null,
  filter_digest bytea not null,
  filter text not null,
  qos smallint not null,
  -- Whether the retained messages that it matches were still being sent.
  replaying boolean not null,
  primary key (session_key, filter_digest)
);

-- A message that several sessions are owed stands here once.
create table surety.message (
  id bigint primary key,
  topic text not null,
  payload bytea not null
);

-- What a session owes its client. A message that only this session is owed stands in the row itself.
create table surety.delivery (
  session_key bigint not null,
  -- The order of sending; the packet id derives from it.
  sequence bigint not null,
  stored_at timestamptz not null,
  -- Topic and payload bytes.
  bytes integer not null,
  qos smallint not null,
  retain boolean not null,
  -- At QoS 2: the receiver has it, and only PUBREL is sent again.
  released boolean not null,
  message_id bigint,
  topic text,
  payload bytea,
  primary key (session_key, sequence)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 1);
create index delivery_by_message on surety.delivery (message_id) where message_id is not null;

-- Packet ids of QoS 2 messages that came from a client and weren't released yet.
create table surety.received_id (
  session_key bigint not null,
  packet_id integer not null,
  primary key (session_key, packet_id)
);

create table surety.retained (
  topic_digest bytea primary key,
  topic text not null,
  payload bytea not null,
  qos smallint not null,
  published_at timestamptz not null
);

-- Wills of connected clients; what stands here at a start is published.
create table surety.will (
  -- The number of the connection.
  connection bigint primary key,
  client_id text not null,
  topic text not null,
  payload bytea not null,
  qos smallint not null,
  retain boolean not null
);
