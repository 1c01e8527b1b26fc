import { describe, expect, test } from '@jest/globals';
import { forEachAtOnce, unique, useBroker } from '../support/conformance-broker.js';
import {
  connect,
  disconnect,
  field,
  firstByte,
  frame,
  pingreq,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  subscribe,
  uint16,
  unsubscribe,
} from '../support/packets.js';

const broker = useBroker();

const withFirstByte = (packet: Buffer, first: number): Buffer =>
  Buffer.concat([Buffer.from([first]), packet.subarray(1)]);

/** All flag nibbles but the one that is right. */
const wrongFlags = (right: number): number[] => [...Array(16).keys()].filter((flags) => flags !== right);

const closesOn = async (...packets: Buffer[]): Promise<void> => {
  const client = await broker.connect();
  client.send(...packets);
  await client.expectClosed();
};

describe('fixed header flags', () => {
  test.each([
    ['PUBACK', '', puback(1)],
    ['PUBREC', '', pubrec(1)],
    ['PUBREL', ' [MQTT-3.6.1-1]', pubrel(1)],
    ['PUBCOMP', '', pubcomp(1)],
    ['SUBSCRIBE', ' [MQTT-3.8.1-1]', subscribe(1, ['a', 0])],
    ['UNSUBSCRIBE', ' [MQTT-3.10.1-1]', unsubscribe(1, 'a')],
    ['PINGREQ', '', pingreq()],
    ['DISCONNECT', ' [MQTT-3.14.1-1]', disconnect()],
  ])(
    '%s with any wrong flag bits closes the connection [MQTT-2.2.2-1] [MQTT-2.2.2-2]%s',
    async (_, _ids, packet) => {
      const [first = 0] = packet;
      await forEachAtOnce(wrongFlags(first & 15), (flags) =>
        closesOn(withFirstByte(packet, (first & 0xf0) | flags)),
      );
    },
  );

  test('CONNECT with any wrong flag bits closes the connection without CONNACK [MQTT-2.2.2-1] [MQTT-2.2.2-2] [MQTT-3.1.4-1]', async () => {
    await forEachAtOnce(wrongFlags(0), async (flags) => {
      const client = await broker.open();
      client.send(withFirstByte(connect({ clientId: unique('c') }), firstByte.connect | flags));
      await client.expectClosed();
    });
  });

  test('every packet of the broker has its fixed flags and its exact bytes [MQTT-2.2.2-1]', async () => {
    const topic = unique('t');
    const client = await broker.open();
    const bytes = async (): Promise<string> => (await client.nextFrame()).toString('hex');
    client.send(connect({ clientId: unique('c') }));
    expect(await bytes()).toBe('20020000');
    client.send(subscribe(0x0102, [topic, 2]));
    expect(await bytes()).toBe('9003010202');
    client.send(pingreq());
    expect(await bytes()).toBe('d000');
    client.send(unsubscribe(0xfffe, 'other'));
    expect(await bytes()).toBe('b002fffe');
    client.send(publish({ topic: `${topic}/x`, qos: 1, packetId: 0x1234 }));
    expect(await bytes()).toBe('40021234');
    client.send(publish({ topic: `${topic}/x`, qos: 2, packetId: 0x1235 }));
    expect(await bytes()).toBe('50021235');
    client.send(pubrel(0x1235));
    expect(await bytes()).toBe('70021235');
  });

  test('the PUBREL of the broker has flags 0010 and PUBCOMP closes its exchange [MQTT-2.2.2-1] [MQTT-3.6.1-1]', async () => {
    const topic = unique('t');
    const subscriber = await broker.connect();
    const publisher = await broker.connect();
    await subscriber.subscribe([topic, 2]);
    await publisher.publish({ topic, qos: 2 });
    const { packetId } = await subscriber.nextPublish();
    subscriber.send(pubrec(packetId));
    expect(await subscriber.nextFrame()).toEqual(frame(firstByte.pubrel, uint16(packetId)));
    subscriber.send(pubcomp(packetId));
    await subscriber.expectSilence();
  });
});

describe('packet types', () => {
  test.each([
    ['reserved type 0', Buffer.from('0000', 'hex')],
    ['reserved type 15', Buffer.from('f000', 'hex')],
    ['CONNACK', Buffer.from('20020000', 'hex')],
    ['SUBACK', Buffer.from('9003000100', 'hex')],
    ['UNSUBACK', Buffer.from('b0020001', 'hex')],
    ['PINGRESP', Buffer.from('d000', 'hex')],
  ])('a client that sends %s is cut off [MQTT-4.8.0-1]', async (_, packet) => {
    await closesOn(packet);
  });
});

describe('remaining length and field bounds', () => {
  test('a fourth length byte with its top bit set closes the connection', async () => {
    await forEachAtOnce(['c0ffffffff', 'c0ffffffff7f', '30ffffffff01', '3080808080'], (hex) =>
      closesOn(Buffer.from(hex, 'hex')),
    );
  });

  test('a Remaining Length in more bytes than it needs is accepted, up to four', async () => {
    const client = await broker.connect();
    for (const hex of ['c08000', 'c0808000', 'c080808000']) {
      client.send(Buffer.from(hex, 'hex'));
      expect(await client.next()).toEqual({ type: 'pingresp' });
    }
    const topic = unique('t');
    await client.subscribe([topic, 0]);
    const body = Buffer.concat([field(topic), Buffer.from('x')]);
    client.send(Buffer.from([0x30, 0x80 | body.length, 0x80, 0x00]), body);
    expect(await client.nextFrame()).toEqual(publish({ topic, payload: 'x' }));
  });

  test.each([0, 1, 127, 128, 16_383, 16_384, 200_000])(
    'a PUBLISH with a Remaining Length of %i bytes, or as near as its topic allows, arrives whole',
    async (length) => {
      const topic = unique('t');
      const client = await broker.connect();
      await client.subscribe([topic, 0]);
      const payload = Buffer.alloc(Math.max(0, length - 2 - topic.length), 'abcdefg');
      client.send(publish({ topic, payload }));
      expect((await client.nextFrame()).equals(publish({ topic, payload }))).toBe(true);
    },
  );

  test.each([
    ['PINGREQ with a body', Buffer.from('c00100', 'hex')],
    ['DISCONNECT with a body', Buffer.from('e00100', 'hex')],
    ['PUBACK of one byte', Buffer.from('400101', 'hex')],
    ['PUBACK of three bytes', Buffer.from('4003000100', 'hex')],
    ['PUBACK without a body', Buffer.from('4000', 'hex')],
    ['PUBREC of three bytes', Buffer.from('5003000100', 'hex')],
    ['PUBREL of one byte', Buffer.from('620101', 'hex')],
    ['PUBREL of three bytes', Buffer.from('6203000100', 'hex')],
    ['PUBCOMP of three bytes', Buffer.from('7003000100', 'hex')],
    ['PUBLISH without a body', Buffer.from('3000', 'hex')],
    ['PUBLISH with half a topic length', Buffer.from('300100', 'hex')],
    ['PUBLISH whose topic runs past its end', Buffer.from('3004000561 62'.replaceAll(' ', ''), 'hex')],
    ['QoS 1 PUBLISH without a packet id', Buffer.from('3203000161', 'hex')],
    ['QoS 1 PUBLISH with half a packet id', Buffer.from('320400016100', 'hex')],
    ['SUBSCRIBE without a body', Buffer.from('8200', 'hex')],
    ['SUBSCRIBE with half a packet id', Buffer.from('820100', 'hex')],
    ['SUBSCRIBE without a QoS byte', frame(firstByte.subscribe, uint16(1), field('a'))],
    [
      'SUBSCRIBE whose filter runs past its end',
      frame(firstByte.subscribe, uint16(1), Buffer.from('000561', 'hex')),
    ],
    [
      'SUBSCRIBE with a byte left over',
      frame(firstByte.subscribe, uint16(1), field('a'), Buffer.from([0, 0])),
    ],
    ['UNSUBSCRIBE without a body', Buffer.from('a200', 'hex')],
    [
      'UNSUBSCRIBE whose filter runs past its end',
      frame(firstByte.unsubscribe, uint16(1), Buffer.from('000561', 'hex')),
    ],
    [
      'UNSUBSCRIBE with a byte left over',
      frame(firstByte.unsubscribe, uint16(1), field('a'), Buffer.from([0])),
    ],
  ])('%s closes the connection [MQTT-4.8.0-1]', async (_, packet) => {
    await closesOn(packet);
  });
});
