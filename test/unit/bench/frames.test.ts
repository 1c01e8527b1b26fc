import { describe, expect, test } from '@jest/globals';
import mqttPacket from 'mqtt-packet';
import { encodeConnect, encodeSubscribe, publishTemplate } from '../../bench/load/frames.js';

/** Reads what another codec makes of the bytes. */
const decode = (bytes: Buffer): mqttPacket.Packet[] => {
  const packets: mqttPacket.Packet[] = [];
  const parser = mqttPacket.parser();
  parser.on('packet', (packet: mqttPacket.Packet) => packets.push(packet));
  parser.parse(bytes);
  return packets;
};

describe('the frames of the load generator', () => {
  test('connect at level 4 with the credentials that were given', () => {
    expect(decode(encodeConnect('c1', true, {}))).toMatchObject([
      { cmd: 'connect', protocolVersion: 4, clientId: 'c1', clean: true, keepalive: 0 },
    ]);
    expect(decode(encodeConnect('c1', false, { user: 'u', password: 'p' }))).toMatchObject([
      { clean: false, username: 'u', password: Buffer.from('p') },
    ]);
  });

  test('subscribe to all filters at one QoS', () => {
    expect(decode(encodeSubscribe(['a/1', 'b/#'], 2))).toMatchObject([
      {
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [
          { topic: 'a/1', qos: 2 },
          { topic: 'b/#', qos: 2 },
        ],
      },
    ]);
  });

  test.each([
    [0, 100],
    [1, 100],
    [2, 300],
    [1, 20_000],
  ])('publish at QoS %i with %i bytes, the packet id and payload where the template says', (qos, size) => {
    const { frame, packetIdAt, payloadAt } = publishTemplate('load/7', qos, 7, size);
    if (qos > 0) frame.writeUInt16BE(513, packetIdAt);
    frame.writeUInt32BE(42, payloadAt);
    const [packet] = decode(frame);
    expect(packet).toMatchObject({ cmd: 'publish', topic: 'load/7', qos, dup: false, retain: false });
    const { payload, messageId } = packet as mqttPacket.IPublishPacket;
    expect(messageId).toBe(qos > 0 ? 513 : undefined);
    expect(payload).toHaveLength(size);
    expect([(payload as Buffer).readUInt32BE(0), (payload as Buffer).readUInt32BE(4)]).toEqual([42, 7]);
  });
});
