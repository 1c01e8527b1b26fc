import fc from 'fast-check';
import {
  connect,
  disconnect,
  pingreq,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  subscribe,
  unsubscribe,
} from './packets.js';

const qos = fc.integer({ min: 0, max: 2 });
const packetId = fc.integer({ min: 1, max: 65_535 });
const bytes = (lengthMax: number) => fc.uint8Array({ maxLength: lengthMax, size: 'max' });
/** Text that may stand in a packet: any character but U+0000. */
const text = (lengthMax: number) =>
  fc.string({ unit: 'binary', maxLength: lengthMax, size: 'max' }).map((raw) => raw.replaceAll('\0', ''));
const topic = text(30).map((raw) => raw.replace(/[+#]/g, '/') || 'topic');
const level = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'sport', '$SYS', '+'),
  text(6).map((raw) => raw.replace(/[+#/]/g, '')),
);
const filter = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/') || '#');
/** Mostly small, sometimes around the steps at which the Remaining Length takes another byte. */
const payload = fc.oneof(
  { weight: 8, arbitrary: bytes(40) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 110, max: 140 }).map((length) => new Uint8Array(length).fill(7)),
  },
);

const publishPacket = fc
  .record({ topic, payload, qos, dup: fc.boolean(), retain: fc.boolean(), packetId })
  .map(({ packetId: id, dup, ...fields }) =>
    publish(fields.qos === 0 ? fields : { ...fields, dup, packetId: id }),
  );
const willFields = fc.record({ topic, payload: bytes(40), qos, retain: fc.boolean() });
const connectPacket = fc
  .record({
    clientId: text(30),
    cleanSession: fc.boolean(),
    keepAlive: fc.integer({ min: 0, max: 65_535 }),
    will: fc.option(willFields, { nil: undefined }),
    credentials: fc.option(
      fc.record({ username: text(20), password: fc.option(bytes(20), { nil: undefined }) }),
      {
        nil: undefined,
      },
    ),
    isOld: fc.boolean(),
  })
  .map(({ will, credentials, isOld, ...fields }) =>
    connect({
      ...fields,
      ...(isOld ? { protocolName: 'MQIsdp', level: 3 } : {}),
      ...(will === undefined ? {} : { will }),
      ...(credentials === undefined ? {} : { username: credentials.username }),
      ...(credentials?.password === undefined ? {} : { password: credentials.password }),
    }),
  );
const subscribePacket = fc
  .tuple(packetId, fc.array(fc.tuple(filter, qos), { minLength: 1, maxLength: 5 }))
  .map(([id, requests]) => subscribe(id, ...requests));
const unsubscribePacket = fc
  .tuple(packetId, fc.array(filter, { minLength: 1, maxLength: 5 }))
  .map(([id, filters]) => unsubscribe(id, ...filters));
const acknowledgement = fc
  .tuple(fc.constantFrom(puback, pubrec, pubrel, pubcomp), packetId)
  .map(([build, id]) => build(id));

/** Any packet that a client may send, as bytes. */
export const clientPacket: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 5, arbitrary: publishPacket },
  { weight: 3, arbitrary: acknowledgement },
  { weight: 2, arbitrary: connectPacket },
  { weight: 2, arbitrary: subscribePacket },
  { weight: 1, arbitrary: unsubscribePacket },
  { weight: 1, arbitrary: fc.constantFrom(pingreq(), disconnect()) },
);

/** Several packets, one behind the other. */
export const clientPackets = (countMax: number): fc.Arbitrary<Buffer[]> =>
  fc.array(clientPacket, { minLength: 1, maxLength: countMax, size: 'max' });
