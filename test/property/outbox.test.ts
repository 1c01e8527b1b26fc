import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BufferPool } from '../../src/adapters/mqtt/buffer-pool.js';
import { CurrentFrame } from '../../src/adapters/mqtt/current-frame.js';
import { type Flushable, FlushSchedule } from '../../src/adapters/mqtt/flush-schedule.js';
import { Outbox } from '../../src/adapters/mqtt/outbox.js';
import { PacketDecoder } from '../../src/adapters/mqtt/packet-decoder.js';
import { PacketWriter } from '../../src/adapters/mqtt/packet-writer.js';
import { TopicCache } from '../../src/adapters/mqtt/topic-cache.js';
import { Counters } from '../../src/domain/counters.js';
import type { Message } from '../../src/domain/message.js';
import { FakeStream } from '../support/fake-stream.js';
import { makeMessage } from '../support/make-message.js';
import { publish } from '../support/packets.js';
import { RecordingHandler } from '../support/recording-handler.js';
import { frameLength, readServerPacket } from '../support/server-packets.js';

/** A schedule whose tick ends when the test says so. */
class ManualSchedule extends FlushSchedule {
  private waiting: Flushable[] = [];

  override add(flushable: Flushable): void {
    this.waiting.push(flushable);
  }

  endTick(): void {
    for (const flushable of this.waiting.splice(0)) flushable.flush();
  }
}

/** The life of a network, beside what is put into the outbox. */
const networkSteps = [
  { weight: 4, arbitrary: fc.constant({ kind: 'end of tick' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'stall' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'flow' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('take' as const), writes: fc.integer({ min: 1, max: 3 }) }),
  },
];
type NetworkStep = { kind: 'end of tick' | 'stall' | 'flow' } | { kind: 'take'; writes: number };

/** Outboxes share a pool, as they do in a broker: a buffer given back too early shows in another one. */
const makeOutbox = (pool: BufferPool) => {
  const stream = new FakeStream();
  const schedule = new ManualSchedule();
  const outbox = new Outbox(stream, pool, schedule, {
    flushed: () => undefined,
    fail: (error) => {
      throw error;
    },
  });
  stream.listen({ received: () => undefined, closed: () => undefined, written: () => void outbox.written() });
  const step = async (network: NetworkStep): Promise<void> => {
    if (network.kind === 'end of tick') schedule.endTick();
    else if (network.kind === 'take') stream.take(network.writes);
    else stream[network.kind]();
    await Promise.resolve();
  };
  /** Lets everything out. */
  const drain = async (): Promise<Buffer> => {
    for (let i = 0; i < 5; i += 1) {
      stream.flow();
      await new Promise((resolve) => setImmediate(resolve));
      schedule.endTick();
    }
    return stream.takeSent();
  };
  return { stream, outbox, step, drain };
};

const sizes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 100 }) },
  { weight: 3, arbitrary: fc.integer({ min: 400, max: 20_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 140_000 }) },
);

describe('an outbox', () => {
  const chunks = [0, 1, 2].map((n) =>
    Buffer.from(Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7 + n * 31 + (i >> 8)) & 0xff)),
  );
  const put = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), chunk: fc.nat(2), bytes: sizes }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('reserve' as const), bytes: sizes }) },
    ...networkSteps,
  );
  const scripts = fc.array(fc.tuple(fc.nat(1), put), { maxLength: 60, size: 'max' });

  test('sends exactly what was put in, in order, however the network stalls', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const pool = new BufferPool();
        const boxes = [makeOutbox(pool), makeOutbox(pool)];
        const expected: Buffer[][] = [[], []];
        const ends = [0, 0, 0];
        let fill = 0;
        for (const [which, step] of script) {
          const { outbox, stream, step: live } = boxes[which]!;
          if (step.kind === 'pass') {
            const source = chunks[step.chunk]!;
            const last = ends[step.chunk]!;
            // Mostly right behind the range before, as packets stand in the chunk that they came in.
            const start = last + step.bytes > source.length ? 0 : last;
            const end = Math.min(source.length, start + step.bytes);
            ends[step.chunk] = end;
            outbox.pass(source, start, end);
            expected[which]!.push(source.subarray(start, end));
          } else if (step.kind === 'reserve') {
            const bytes = Buffer.alloc(step.bytes, (fill += 1) & 0xff);
            const buffer = outbox.reserve(bytes.length);
            bytes.copy(buffer, outbox.advance(bytes.length));
            expected[which]!.push(bytes);
          } else await live(step);
          expect(outbox.waitingBytes).toBeGreaterThanOrEqual(stream.waitingBytes);
        }
        for (const [which, { drain, outbox }] of boxes.entries()) {
          const sent = await drain();
          expect(Buffer.compare(sent, Buffer.concat(expected[which]!))).toBe(0);
          expect(outbox.waitingBytes).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a packet writer', () => {
  const qos = fc.integer({ min: 0, max: 2 });
  const incoming = fc.record({
    kind: fc.constant('route' as const),
    topic: fc.constantFrom('a', 'a/b/c', 'ünï/cödé', 'x'.repeat(140)),
    bytes: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 150 }) },
      { weight: 1, arbitrary: fc.constantFrom(16_370, 70_000) },
    ),
    publishedQos: qos,
    retain: fc.boolean(),
    /** How it goes out: to several receivers, each by its own quality and flags. */
    receivers: fc.array(
      fc.record({
        granted: qos,
        flags: fc.constantFrom(0, 0, 1),
        packetId: fc.integer({ min: 1, max: 65_535 }),
      }),
      {
        maxLength: 3,
      },
    ),
  });
  const step = fc.oneof(
    { weight: 6, arbitrary: incoming },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('stored' as const),
        bytes: fc.integer({ min: 0, max: 300 }),
        flags: fc.constantFrom(0, 1, 8, 9),
        packetId: fc.integer({ min: 1, max: 65_535 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('ack' as const),
        first: fc.constantFrom(0x40, 0x50, 0x62, 0x70),
        packetId: fc.integer({ min: 1, max: 65_535 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'pingresp' as const }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('suback' as const),
        packetId: fc.integer({ min: 1, max: 65_535 }),
        codes: fc.array(fc.constantFrom<(0 | 1 | 2 | 128)[]>(0, 1, 2, 128), { minLength: 1, maxLength: 4 }),
      }),
    },
    ...networkSteps,
  );

  test('sends each packet whole and in order, whether passed on, patched or put together', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (script) => {
        const { outbox, step: live, drain } = makeOutbox(new BufferPool());
        const frame = new CurrentFrame();
        const writer = new PacketWriter(outbox, frame, new Counters());
        const route = routerInto(frame);
        const expected: object[] = [];
        const ackTypes = new Map([
          [0x40, 'puback'],
          [0x50, 'pubrec'],
          [0x62, 'pubrel'],
          [0x70, 'pubcomp'],
        ]);
        for (const each of script) {
          switch (each.kind) {
            case 'route': {
              const { topic, bytes, publishedQos, retain, receivers } = each;
              const payload = 'p'.repeat(bytes);
              const packet = publish({
                topic,
                payload,
                qos: publishedQos,
                retain,
                ...(publishedQos > 0 ? { packetId: 77 } : {}),
              });
              route(packet, (message) => {
                for (const { granted, flags, packetId } of receivers) {
                  const out = Math.min(granted, publishedQos) as 0 | 1 | 2;
                  const id = out === 0 ? 0 : packetId;
                  writer.publish(message, out, flags, id);
                  expected.push({
                    type: 'publish',
                    topic,
                    payload,
                    qos: out,
                    dup: false,
                    retain: flags === 1,
                    packetId: id,
                  });
                }
              });
              break;
            }
            case 'stored': {
              const payload = 's'.repeat(each.bytes);
              writer.publish(makeMessage('stored/t', payload, 2), 2, each.flags, each.packetId);
              const [dup, retain] = [(each.flags & 8) !== 0, (each.flags & 1) !== 0];
              expected.push({
                type: 'publish',
                topic: 'stored/t',
                payload,
                qos: 2,
                dup,
                retain,
                packetId: each.packetId,
              });
              break;
            }
            case 'ack':
              writer.acknowledgement(each.first, each.packetId);
              expected.push({ type: ackTypes.get(each.first), packetId: each.packetId });
              break;
            case 'pingresp':
              writer.pingresp();
              expected.push({ type: 'pingresp' });
              break;
            case 'suback':
              writer.suback(each.packetId, each.codes);
              expected.push({ type: 'suback', packetId: each.packetId, returnCodes: each.codes });
              break;
            case 'end of tick':
            case 'stall':
            case 'flow':
            case 'take':
              await live(each);
          }
        }
        expect(packetsOf(await drain())).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });
});

/** Decodes a packet as a connection would, so that the frame is the one being routed meanwhile. */
function routerInto(frame: CurrentFrame): (packet: Buffer, receive: (message: Message) => void) => void {
  const limits = {
    packetBytesMax: 1e6,
    topicBytesMax: 65_535,
    topicLevelsMax: 128,
    filtersPerSubscribeMax: 10,
  };
  const topics = new TopicCache(limits);
  return (packet, receive) => {
    const handler = new RecordingHandler();
    handler.publish = receive;
    new PacketDecoder(handler, topics, frame, limits).decode(Buffer.from(packet));
    expect(handler.violation).toBeUndefined();
  };
}

function packetsOf(bytes: Buffer): object[] {
  const found: object[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const length = frameLength(rest);
    if (length === undefined) throw new Error('a packet is cut off');
    found.push(readServerPacket(rest.subarray(0, length)));
    rest = rest.subarray(length);
  }
  return found;
}
