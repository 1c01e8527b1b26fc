-- At QoS 2 most changes concern the newest few of a session's messages: one row for many of them takes a fraction of
-- the writes that a row for each takes.

-- Every QoS 2 delivery of the session up to this sequence has been received: only PUBREL is sent again.
-- Those received out of order before the ones ahead of them are marked in surety.delivery.
alter table surety.session add column received_through bigint;
alter table surety.session set (fillfactor = 80);

-- Packet ids of QoS 2 messages that came from a client and weren't released yet.
create table surety.received_ids (
  session_key bigint not null,
  -- The packet ids 256 * block to 256 * block + 255.
  block smallint not null,
  -- One bit an id, the lowest first.
  held bit(256) not null,
  primary key (session_key, block)
) with (fillfactor = 50);

insert into surety.received_ids (session_key, block, held)
select session_key, packet_id / 256, bit_or(set_bit(repeat('0', 256)::bit(256), packet_id % 256, 1))
from surety.received_id
group by session_key, packet_id / 256;
drop table surety.received_id;
