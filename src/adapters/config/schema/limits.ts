import { z } from 'zod';

import { count, countUpTo, WAIT_SECONDS_LIMIT } from './fields.js';

/** The largest MQTT packet: 268,435,455 bytes after a fixed header of 5 [MQTT 3.1.1, 2.2.3]. */
const PACKET_BYTES_LIMIT = 268_435_455 + 5;
/** The longest string that MQTT can carry: its length takes two bytes. */
const STRING_BYTES_LIMIT = 65_535;
/** The largest session expiry that MQTT knows, some 136 years. */
const EXPIRY_SECONDS_LIMIT = 4_294_967_295;

/** The sessions of clients that connect with clean session 0. */
export const sessionSchema = z.strictObject({
  expirySeconds: countUpTo(
    0,
    EXPIRY_SECONDS_LIMIT,
    2_592_000,
    'How long the session of an absent client is kept (the default is 30 days); 0 keeps it for ever.',
  ),
});

/** The limit of every queue, loop and buffer. */
export const limitsSchema = z.strictObject({
  packetBytesMax: countUpTo(
    128,
    PACKET_BYTES_LIMIT,
    1_048_576,
    'The largest packet that a client may send, fixed header included; a larger one closes its connection.',
  ),
  topicBytesMax: countUpTo(
    1,
    STRING_BYTES_LIMIT,
    STRING_BYTES_LIMIT,
    'The longest topic name or filter; a longer one closes the connection.',
  ),
  topicLevelsMax: countUpTo(
    1,
    STRING_BYTES_LIMIT + 1,
    128,
    'The most levels of a topic name or filter; more close the connection.',
  ),
  clientIdBytesMax: countUpTo(
    23,
    STRING_BYTES_LIMIT,
    STRING_BYTES_LIMIT,
    'The longest client identifier; a longer one is refused with return code 2 [MQTT-3.1.3-5].',
  ),
  subscriptionsPerSessionMax: count(
    1,
    10_000,
    'The most subscriptions of one session; a further one fails with SUBACK code 0x80.',
  ),
  filtersPerSubscribeMax: count(
    1,
    1000,
    'The most topic filters in one SUBSCRIBE or UNSUBSCRIBE; more close the connection.',
  ),
  inflightMax: countUpTo(
    1,
    65_535,
    1000,
    'The most QoS 1 and 2 messages on their way to one client, unacknowledged; the rest waits in its queue.',
  ),
  queueMessagesMax: count(
    0,
    100_000,
    'The most messages that wait for one session; `queuePolicy` says what gives way.',
  ),
  queueBytesMax: count(
    0,
    268_435_456,
    'The most payload and topic bytes that wait for one session; `queuePolicy` says what gives way.',
  ),
  queuePolicy: z
    .enum(['dropOldest', 'dropNewest', 'refuse'])
    .default('dropOldest')
    .describe(
      'When a queue is full: drop the message that has waited longest, drop the one that arrives, or refuse the publish and close the publisher.',
    ),
  connectionsMax: count(1, 100_000, 'The most open connections; a further one is closed at once.'),
  connectionsPerAddressMax: count(
    0,
    0,
    'The most open connections from one remote address (IPv6: from one /64 network), a further one is closed at once; 0 sets no limit.',
  ),
  connectRateMax: count(
    0,
    0,
    'The most new connections in a second, give or take a second’s worth; a further one is closed at once; 0 sets no limit.',
  ),
  connectRatePerAddressMax: count(
    0,
    0,
    'The most new connections in a second from one remote address; a further one is closed at once; 0 sets no limit.',
  ),
  connectTimeoutSeconds: countUpTo(
    1,
    WAIT_SECONDS_LIMIT,
    10,
    'How long a new connection may take to deliver its whole CONNECT before it is closed.',
  ),
  outboxBytesMax: count(
    4096,
    8_388_608,
    'The most bytes that wait in memory for one slow connection; past it QoS 0 messages to it are dropped and the rest waits in its queue.',
  ),
  outboxStallSeconds: countUpTo(
    1,
    WAIT_SECONDS_LIMIT,
    30,
    'How long a client may take nothing of what waits for it (256 KiB, or a full outbox) before its connection is closed.',
  ),
  retainedMessagesMax: count(
    0,
    1_000_000,
    'The most retained messages; past it a new topic is not retained.',
  ),
  retainedBytesMax: count(
    0,
    1_073_741_824,
    'The most payload and topic bytes of all retained messages; past it a message is not retained.',
  ),
  sessionsMax: count(
    1,
    1_000_000,
    'The most sessions, of present and absent clients; past it a new client is refused with return code 3.',
  ),
  publishRateMax: count(
    0,
    0,
    'The most messages that one client may publish in a second; past it the broker reads from it more slowly; 0 sets no limit.',
  ),
  publishBytesRateMax: count(
    0,
    0,
    'The most bytes that one client may publish in a second; past it the broker reads from it more slowly; 0 sets no limit.',
  ),
  memoryBytesMax: count(
    0,
    0,
    'The most memory of the broker, PostgreSQL not included: at it new connections are refused, and 15 % above it publishers are read from more slowly; 0 takes half of the memory of the container or the machine.',
  ),
  journalBytesMax: count(
    1_048_576,
    67_108_864,
    'The most bytes that wait to be committed to the database; past it the broker stops reading from those who send them.',
  ),
  journalRowsMax: count(
    100,
    4000,
    'The most deliveries to clients that are away, or slow, that wait to be committed; past it the broker stops reading from those who add most. More let a flood take longer until all are acknowledged.',
  ),
});
