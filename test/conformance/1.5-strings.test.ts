import { describe, expect, test } from '@jest/globals';
import { forEachAtOnce, unique, useBroker } from '../support/conformance-broker.js';
import { connect, publish, subscribe, unsubscribe } from '../support/packets.js';

const broker = useBroker();

const illFormed: readonly (readonly [name: string, hex: string])[] = [
  ['a lone continuation byte', '80'],
  ['a lead byte at the end', '61c3'],
  ['a three-byte character cut short', 'e282'],
  ['a lead byte before ASCII', 'c361'],
  ['an overlong NUL', 'c080'],
  ['an overlong slash', 'c0af'],
  ['an overlong two-byte form', 'c1bf'],
  ['an overlong three-byte form', 'e0809f'],
  ['an overlong four-byte form', 'f0808080'],
  ['the first surrogate, U+D800', 'eda080'],
  ['the last surrogate, U+DFFF', 'edbfbf'],
  ['a surrogate pair', 'eda0bdedb880'],
  ['a code point past U+10FFFF', 'f4908080'],
  ['a five-byte form', 'f888808080'],
  ['byte FE', 'fe'],
  ['byte FF', 'ff'],
];

const nul: readonly (readonly [name: string, hex: string])[] = [
  ['U+0000 alone', '00'],
  ['U+0000 first', '0061'],
  ['U+0000 in the middle', '610062'],
  ['U+0000 last', '6100'],
];

const connectFields = [
  ['client id', (text: Buffer) => connect({ clientId: text })],
  ['will topic', (text: Buffer) => connect({ clientId: unique('c'), will: { topic: text } })],
  ['user name', (text: Buffer) => connect({ clientId: unique('c'), username: text })],
] as const;

const laterFields = [
  ['PUBLISH topic at QoS 0', (text: Buffer) => publish({ topic: text, payload: 'x' })],
  ['PUBLISH topic at QoS 1', (text: Buffer) => publish({ topic: text, qos: 1, packetId: 1 })],
  ['PUBLISH topic at QoS 2', (text: Buffer) => publish({ topic: text, qos: 2, packetId: 1 })],
  ['SUBSCRIBE filter', (text: Buffer) => subscribe(1, [text, 0])],
  ['second SUBSCRIBE filter', (text: Buffer) => subscribe(1, ['a', 0], [text, 0])],
  ['UNSUBSCRIBE filter', (text: Buffer) => unsubscribe(1, text)],
  ['second UNSUBSCRIBE filter', (text: Buffer) => unsubscribe(1, 'a', text)],
] as const;

const refusedInConnect = async (hex: string, build: (text: Buffer) => Buffer): Promise<void> => {
  const client = await broker.open();
  client.send(build(Buffer.from(hex, 'hex')));
  await client.expectClosed();
};

const refusedLater = async (hex: string, build: (text: Buffer) => Buffer): Promise<void> => {
  const client = await broker.connect();
  client.send(build(Buffer.from(hex, 'hex')));
  await client.expectClosed();
};

describe('UTF-8 strings', () => {
  test.each([
    ['client id', '[MQTT-1.5.3-1] [MQTT-3.1.3-4]', connectFields[0][1]],
    ['will topic', '[MQTT-1.5.3-1] [MQTT-3.1.3-10]', connectFields[1][1]],
    ['user name', '[MQTT-1.5.3-1] [MQTT-3.1.3-11]', connectFields[2][1]],
  ])(
    'ill-formed UTF-8 in the %s of CONNECT closes the connection without CONNACK %s',
    async (_, _ids, build) => {
      await forEachAtOnce(illFormed, ([, hex]) => refusedInConnect(hex, build));
    },
  );

  test.each([
    ['PUBLISH topic at QoS 0', '[MQTT-1.5.3-1] [MQTT-3.3.2-1]', laterFields[0][1]],
    ['PUBLISH topic at QoS 1', '[MQTT-1.5.3-1] [MQTT-3.3.2-1]', laterFields[1][1]],
    ['PUBLISH topic at QoS 2', '[MQTT-1.5.3-1] [MQTT-3.3.2-1]', laterFields[2][1]],
    ['SUBSCRIBE filter', '[MQTT-1.5.3-1] [MQTT-3.8.3-1]', laterFields[3][1]],
    ['second SUBSCRIBE filter', '[MQTT-1.5.3-1] [MQTT-3.8.3-1]', laterFields[4][1]],
    ['UNSUBSCRIBE filter', '[MQTT-1.5.3-1] [MQTT-3.10.3-1]', laterFields[5][1]],
    ['second UNSUBSCRIBE filter', '[MQTT-1.5.3-1] [MQTT-3.10.3-1]', laterFields[6][1]],
  ])('ill-formed UTF-8 in a %s closes the connection %s', async (_, _ids, build) => {
    await forEachAtOnce(illFormed, ([, hex]) => refusedLater(hex, build));
  });

  test.each(connectFields)(
    'U+0000 in the %s of CONNECT closes the connection [MQTT-1.5.3-2]',
    async (_, build) => {
      await forEachAtOnce(nul, ([, hex]) => refusedInConnect(hex, build));
    },
  );

  test.each(laterFields)(
    'U+0000 in a %s closes the connection [MQTT-1.5.3-2] [MQTT-4.7.3-2]',
    async (_, build) => {
      await forEachAtOnce(nul, ([, hex]) => refusedLater(hex, build));
    },
  );

  test('well-formed text of one to four bytes a character is passed on byte for byte [MQTT-1.5.3-1]', async () => {
    const client = await broker.connect();
    const texts = [
      'A',
      '\u0080',
      '\u07ff',
      '\u0800',
      '\ud7ff',
      '\ue000',
      '\uffef',
      '\u{10000}',
      '\u{10ffff}',
    ];
    for (const text of texts) {
      const topic = `${unique('t')}/${text}/end`;
      expect(await client.subscribe([topic, 0])).toEqual([0]);
      client.send(publish({ topic, payload: 'x' }));
      expect((await client.nextFrame()).toString('hex')).toBe(
        publish({ topic, payload: 'x' }).toString('hex'),
      );
    }
  });

  test('a PUBLISH reaches the subscriber without U+0000 in its topic, even where the payload has it [MQTT-1.5.3-2]', async () => {
    const client = await broker.connect();
    const message = publish({ topic: unique('t'), payload: Buffer.from([0, 0x61, 0]) });
    await client.subscribe(['#', 0]);
    client.send(message);
    expect(await client.nextFrame()).toEqual(message);
  });

  test.each([
    ['first', '\ufeff', ''],
    ['in the middle', 'a/\ufeff', 'b'],
    ['last', 'a', '\ufeff'],
  ])('U+FEFF %s in a topic is kept as a character of it [MQTT-1.5.3-3]', async (_, before, after) => {
    const client = await broker.connect();
    const base = unique('t');
    const marked = `${before}${base}${after}`;
    const plain = marked.replace('\ufeff', '');
    await client.subscribe([marked, 0]);
    await client.publish({ topic: plain, payload: 'plain' });
    await client.expectSilence();
    const message = publish({ topic: marked, payload: 'marked' });
    client.send(message);
    expect((await client.nextFrame()).toString('hex')).toBe(message.toString('hex'));
  });

  test('U+FEFF in a client id makes it another id [MQTT-1.5.3-3]', async () => {
    const clientId = unique('c');
    const plain = await broker.connect({ clientId });
    await broker.connect({ clientId: `\ufeff${clientId}` });
    await plain.expectSilence();
  });

  test('control characters and non-characters are accepted, as the standard leaves open', async () => {
    const client = await broker.connect({ clientId: `${unique('c')}\u0001\u007f\u009f` });
    for (const text of ['\u0001', '\u001f', '\u007f', '\u009f', '\ufdd0', '\ufffe', '\uffff', '\u{1ffff}']) {
      const topic = `${unique('t')}${text}`;
      await client.subscribe([topic, 0]);
      client.send(publish({ topic }));
      expect(await client.nextPublish()).toMatchObject({ topic });
    }
  });

  test('will message and password are binary: they are not checked as UTF-8', async () => {
    const topic = unique('t');
    const watcher = await broker.connect();
    await watcher.subscribe([topic, 0]);
    const bytes = Buffer.from('00ff80eda080', 'hex');
    const client = await broker.connect({ will: { topic, payload: bytes }, username: 'u', password: bytes });
    client.destroy();
    expect(await watcher.nextFrame()).toEqual(publish({ topic, payload: bytes }));
  });
});
