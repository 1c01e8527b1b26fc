import { expect, test } from '@jest/globals';
import mqttPacket from 'mqtt-packet';
import { generatePacket } from '../../../src/adapters/mqtt/generate-packet.js';

test('packets are generated without a buffer prepared for each packet id', () => {
  expect(generatePacket({ cmd: 'puback', messageId: 0x1234 })).toEqual(Buffer.from([0x40, 2, 0x12, 0x34]));
  expect(mqttPacket.writeToStream.cacheNumbers).toBe(false);
});
