import { describe, expect, test } from '@jest/globals';
import { CurrentFrame } from '../../../src/adapters/mqtt/current-frame.js';
import { PacketDecoder } from '../../../src/adapters/mqtt/packet-decoder.js';
import { TopicCache } from '../../../src/adapters/mqtt/topic-cache.js';
import { makeNetwork } from '../../support/fake-client.js';
import { connect, field, firstByte, publish, subscribe, unsubscribe } from '../../support/packets.js';
import { RecordingHandler } from '../../support/recording-handler.js';

const LIMITS = { packetBytesMax: 200, topicBytesMax: 20, topicLevelsMax: 4, filtersPerSubscribeMax: 3 };

const makeDecoder = (limits = LIMITS) => {
  const handler = new RecordingHandler();
  const decoder = new PacketDecoder(handler, new TopicCache(limits), new CurrentFrame(), limits);
  handler.onViolation = () => decoder.clear();
  return { handler, decoder };
};
const faultOf = (...packets: Uint8Array[]) => {
  const { handler, decoder } = makeDecoder();
  decoder.decode(Buffer.concat(packets));
  return handler.violation;
};

describe('packetBytesMax', () => {
  test('counts the fixed header, and the limit itself still passes', () => {
    const payloadOf = (total: number) => Buffer.alloc(total - 3 - field('t').length);
    const fitting = publish({ topic: 't', payload: payloadOf(200) });
    const larger = publish({ topic: 't', payload: payloadOf(201) });
    expect([fitting.length, larger.length]).toEqual([200, 201]);
    expect(faultOf(fitting)).toBeUndefined();
    expect(faultOf(larger)).toBe('packet_too_large');
  });

  test.each([
    ['30', 'ffffff7f'],
    ['10', 'ffffff7f'],
    ['82', 'ff01'],
    ['30', '808001'],
  ])(
    'ends a connection at the header alone, with nothing of the body read or held: %s %s',
    (first, length) => {
      const header = Buffer.from(first + length, 'hex');
      const whole = makeDecoder();
      whole.decoder.decode(header);
      expect(whole.handler.violation).toBe('packet_too_large');
      const single = makeDecoder();
      for (const [index, byte] of header.entries()) {
        expect(single.handler.violation).toBeUndefined();
        expect(single.decoder.heldBytes).toBe(index);
        single.decoder.decode(Buffer.of(byte));
      }
      expect([single.handler.violation, single.decoder.heldBytes]).toEqual(['packet_too_large', 0]);
    },
  );

  test('leaves nothing held of what came in the same chunk', () => {
    const { handler, decoder } = makeDecoder();
    decoder.decode(Buffer.concat([Buffer.from('30ffffff7f', 'hex'), Buffer.alloc(5000)]));
    expect([handler.violation, decoder.heldBytes]).toEqual(['packet_too_large', 0]);
  });

  test('lets memory for an incomplete packet grow with what has come, not with what was promised', () => {
    const { decoder } = makeDecoder({ ...LIMITS, packetBytesMax: 268_435_455 });
    decoder.decode(Buffer.from('30ffffff7f', 'hex').subarray(0, 4));
    decoder.decode(Buffer.from([0x70]));
    expect(decoder.heldBytes).toBe(5);
    decoder.decode(Buffer.alloc(3000));
    expect(decoder.heldBytes).toBe(3005);
  });

  test('closes the connection of a client, which publishes its will, and no other', async () => {
    const { connect: connectClient, broker } = makeNetwork({ limits: { packetBytesMax: 200 } });
    const watcher = await connectClient();
    await watcher.subscribe(['will', 0]);
    const client = await connectClient({ will: { topic: 'will', payload: 'gone' } });
    await client.send(Buffer.from('30ffff01', 'hex'));
    expect(client.stream.isEnded).toBe(true);
    expect(watcher.payloads()).toEqual(['gone']);
    expect(broker.counters.closed.get('packet_too_large')).toBe(1);
    expect(await watcher.isServed()).toBe(true);
  });
});

describe('topicBytesMax', () => {
  const fitting = 'é'.repeat(10);
  const longer = `${fitting}a`;

  test('counts UTF-8 bytes in topic names, filters and will topics', () => {
    expect(faultOf(publish({ topic: fitting }))).toBeUndefined();
    expect(faultOf(publish({ topic: longer }))).toBe('topic_too_large');
    expect(faultOf(subscribe(1, [fitting, 0]))).toBeUndefined();
    expect(faultOf(subscribe(1, [longer, 0]))).toBe('topic_too_large');
    expect(faultOf(unsubscribe(1, longer))).toBe('topic_too_large');
    expect(faultOf(connect({ will: { topic: fitting } }))).toBeUndefined();
    expect(faultOf(connect({ will: { topic: longer } }))).toBe('topic_too_large');
  });

  test('holds for a topic again and again', () => {
    const { handler, decoder } = makeDecoder();
    decoder.decode(publish({ topic: fitting }));
    decoder.decode(publish({ topic: longer }));
    expect([handler.packets.length, handler.violation]).toEqual([1, 'topic_too_large']);
  });
});

describe('topicLevelsMax', () => {
  test('counts the levels of topic names, filters and will topics, empty ones too', () => {
    expect(faultOf(publish({ topic: 'a/b/c/d' }))).toBeUndefined();
    expect(faultOf(publish({ topic: 'a/b/c/d/' }))).toBe('topic_too_large');
    expect(faultOf(subscribe(1, ['+/+/+/#', 0]))).toBeUndefined();
    expect(faultOf(subscribe(1, ['+/+/+/+/#', 0]))).toBe('topic_too_large');
    expect(faultOf(unsubscribe(1, '////'))).toBe('topic_too_large');
    expect(faultOf(connect({ will: { topic: '////' } }))).toBe('topic_too_large');
  });
});

describe('filtersPerSubscribeMax', () => {
  test('is the most that one SUBSCRIBE or UNSUBSCRIBE may name', () => {
    expect(faultOf(subscribe(1, ['a', 0], ['b', 0], ['c', 0]))).toBeUndefined();
    expect(faultOf(subscribe(1, ['a', 0], ['b', 0], ['c', 0], ['d', 0]))).toBe('too_many_subscriptions');
    expect(faultOf(unsubscribe(1, 'a', 'b', 'c'))).toBeUndefined();
    expect(faultOf(unsubscribe(1, 'a', 'b', 'c', 'd'))).toBe('too_many_subscriptions');
  });

  test('refuses the packet before any of its filters is applied', async () => {
    const { connect: connectClient, broker } = makeNetwork({ limits: { filtersPerSubscribeMax: 2 } });
    const client = await connectClient({ clientId: 'c', cleanSession: false });
    await client.send(subscribe(1, ['a', 0], ['b', 0], ['c', 0]));
    expect(client.stream.isEnded).toBe(true);
    expect(broker.gauges().subscriptions).toBe(0);
  });
});

test('a text field of the wrong kind doesn’t get past any limit by being cut short', () => {
  const body = Buffer.concat([Buffer.from([0, 1]), Buffer.from([0xff, 0xff]), Buffer.from('a')]);
  const packet = Buffer.concat([Buffer.from([firstByte.subscribe, body.length]), body]);
  expect(faultOf(packet)).toBe('malformed_packet');
});
