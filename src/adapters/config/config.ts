import { z } from 'zod';

/**
 * The one schema of Surety's configuration: parser, defaults and reference text in one place.
 * docs/configuration.md is generated from it by `npm run docs:config`. Units stand at the end of a key's name.
 */

/** The largest MQTT packet: 268,435,455 bytes after a fixed header of 5 [MQTT 3.1.1, 2.2.3]. */
const PACKET_BYTES_LIMIT = 268_435_455 + 5;
/** The longest string that MQTT can carry: its length takes two bytes. */
const STRING_BYTES_LIMIT = 65_535;
/** Node.js timers wrap past 2^31 ms, so that a longer wait would end at once. */
const WAIT_SECONDS_LIMIT = 86_400;
/** The largest session expiry that MQTT knows, some 136 years. */
const EXPIRY_SECONDS_LIMIT = 4_294_967_295;

const count = (min: number, fallback: number, doc: string) =>
  z.int().min(min).default(fallback).describe(doc);
const countUpTo = (min: number, max: number, fallback: number, doc: string) =>
  z.int().min(min).max(max).default(fallback).describe(doc);
const host = (fallback: string, doc: string) =>
  z
    .string()
    .regex(/^[^\s/]+$/, 'must be an address or a host name alone, such as 127.0.0.1')
    .default(fallback)
    .describe(doc);
const port = (fallback: number, doc: string) => countUpTo(0, 65_535, fallback, doc);

const listenerSchema = z.strictObject({
  host: host('127.0.0.1', 'The address or host name to listen on. `0.0.0.0` and `::` mean every interface.'),
  port: port(1883, 'The TCP port; 0 takes any free one, which the ready line then names.'),
  transport: z
    .enum(['tcp', 'websocket'])
    .default('tcp')
    .describe('What carries MQTT: a TCP connection as it is, or WebSocket on top of it, for browsers.'),
  webSocketPath: z
    .string()
    .regex(/^\/[!-~]*$/, 'must be a path such as /mqtt')
    .default('/mqtt')
    .describe('The path of the URL that WebSocket clients ask for; only with `transport: websocket`.'),
  allowAnonymous: z
    .boolean()
    .optional()
    .describe(
      'Whether clients may connect without credentials. When absent: only if `host` is a loopback address.',
    ),
});

function refuseDoubleListeners(
  listeners: readonly z.output<typeof listenerSchema>[],
  context: z.RefinementCtx,
): void {
  listeners.forEach(({ host, port }, index) => {
    const first = listeners.findIndex((other) => other.host === host && other.port === port);
    if (port === 0 || first === index) return;
    const message = `listener ${index + 1} has the same host and port as listener ${first + 1}`;
    context.addIssue({ code: 'custom', path: [index, 'port'], message });
  });
}

const databaseSchema = z.strictObject({
  url: z
    .string()
    .regex(/^postgres(ql)?:\/\/\S+$/, 'must look like postgres://user:password@host:5432/database')
    .optional()
    .meta({
      description:
        'The PostgreSQL server to use (14 or later). When absent, the broker runs a server of its own in `dataDir`. ' +
        'It holds a password: prefer the environment variable to the file.',
      secret: true,
    }),
});

const logSchema = z.strictObject({
  level: z
    .enum(['error', 'warn', 'info', 'debug'])
    .default('info')
    .describe('The least severe level that is written.'),
  format: z
    .enum(['json', 'pretty', 'auto'])
    .default('auto')
    .describe('`json`: one object a line; `pretty`: for reading; `auto`: pretty on a terminal, else json.'),
});

const sessionSchema = z.strictObject({
  expirySeconds: countUpTo(
    0,
    EXPIRY_SECONDS_LIMIT,
    2_592_000,
    'How long the session of an absent client is kept (the default is 30 days); 0 keeps it for ever.',
  ),
});

const accessSchema = z.strictObject({
  onDeniedPublish: z
    .enum(['ignore', 'disconnect'])
    .default('ignore')
    .describe(
      'What follows a PUBLISH that the client may not make: acknowledge and drop it, or close the connection.',
    ),
});

const nodeSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores')
    .optional()
    .describe('The name of this broker in the audit trail. When absent: the host name.'),
});

const auditSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Whether the audit trail is written. That it is not is its last record.'),
  retentionDays: countUpTo(
    0,
    36_500,
    0,
    'How long records are kept; whole months (UTC) that are older are dropped. 0 keeps all.',
  ),
  checkpoints: z
    .strictObject({
      everyRecords: count(1, 1000, 'A checkpoint is signed after so many records.'),
      everySeconds: countUpTo(
        1,
        WAIT_SECONDS_LIMIT,
        10,
        'A checkpoint is signed so long after the last one, if there is a new record.',
      ),
      file: z
        .string()
        .min(1)
        .optional()
        .describe(
          'The file that checkpoints are added to. When absent: `audit/checkpoints.jsonl` in `dataDir`.',
        ),
      keyFile: z
        .string()
        .min(1)
        .optional()
        .describe(
          'The private key (Ed25519, PEM) that signs checkpoints. When absent: `audit/checkpoint-key.pem` in `dataDir`, made at the first start.',
        ),
    })
    .prefault({})
    .describe('Signed statements of how far the trail had come, kept outside the database.'),
  syslog: z
    .strictObject({
      url: z
        .string()
        .regex(
          /^syslog\+(tcp|tls):\/\/[^\s/@]+:\d+$/,
          'must look like syslog+tls://host:6514 or syslog+tcp://host:514',
        )
        .optional()
        .describe('Where checkpoints are sent as well (RFC 5424).'),
      caFile: z
        .string()
        .min(1)
        .optional()
        .describe(
          'The certificates (PEM) that the syslog server is checked against. When absent: those of Node.js.',
        ),
    })
    .prefault({})
    .describe('A syslog server for checkpoints.'),
  refusals: z
    .strictObject({
      foldSeconds: countUpTo(
        0,
        3600,
        10,
        'Within so long, repeated refusals of one client for one reason are counted in one record.',
      ),
    })
    .prefault({})
    .describe('How a storm of refusals is recorded.'),
});

const metricsSchema = z.strictObject({
  enabled: z.boolean().default(false).describe('Whether metrics are served over HTTP for Prometheus.'),
  host: host('127.0.0.1', 'The address or host name that serves the metrics.'),
  port: port(9400, 'The TCP port that serves the metrics; 0 takes any free one.'),
});

const shutdownSchema = z.strictObject({
  graceSeconds: countUpTo(
    0,
    WAIT_SECONDS_LIMIT,
    10,
    'How long an orderly stop waits for what is under way before it closes everything.',
  ),
});

const limitsSchema = z.strictObject({
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
    'The most open connections from one remote address, a further one is closed at once; 0 sets no limit.',
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
  journalBytesMax: count(
    1_048_576,
    67_108_864,
    'The most bytes that wait to be committed to the database; past it the broker stops reading from those who send them.',
  ),
});

/** Every key that a configuration may have; an unknown one is a fault. */
export const configSchema = z.strictObject({
  listeners: z
    .array(listenerSchema)
    .min(1)
    .superRefine(refuseDoubleListeners)
    .prefault([{}])
    .describe('Where the broker accepts MQTT connections.'),
  dataDir: z
    .string()
    .min(1)
    .default('./data')
    .describe(
      'The folder for what the broker stores, relative to the working directory; created when missing.',
    ),
  persistence: z
    .enum(['memory', 'postgres'])
    .default('postgres')
    .describe(
      'Where durable sessions and retained messages live. `memory` loses them when the broker stops.',
    ),
  database: databaseSchema.prefault({}).describe('The database behind `persistence: postgres`.'),
  log: logSchema.prefault({}).describe('The operator log, on standard error.'),
  session: sessionSchema.prefault({}).describe('The sessions of clients that connect with clean session 0.'),
  access: accessSchema.prefault({}).describe('What clients may do.'),
  node: nodeSchema.prefault({}).describe('This broker among others.'),
  audit: auditSchema.prefault({}).describe('The audit trail: see [audit.md](audit.md).'),
  metrics: metricsSchema.prefault({}).describe('Figures for Prometheus.'),
  shutdown: shutdownSchema.prefault({}).describe('The orderly stop.'),
  limits: limitsSchema
    .prefault({})
    .describe('The limit of every queue, loop and buffer, and what happens at it.'),
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** A whole and valid configuration, every default filled in. Frozen, at every depth, by `loadConfig`. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;

/** One place where the broker accepts MQTT connections. */
export type ListenerConfig = Config['listeners'][number];

/** The limits of every queue, loop and buffer. */
export type LimitsConfig = Config['limits'];
