import { describe, expect, test } from '@jest/globals';
import { forEachAtOnce, unique, useBroker } from '../support/conformance-broker.js';
import { publish, subscribe } from '../support/packets.js';

const broker = useBroker();

/** Filter, topic, and whether they match: the rows of the standard's examples and of its edges. */
const matching: readonly (readonly [filter: string, topic: string, matches: boolean])[] = [
  ['sport/tennis/player1/#', 'sport/tennis/player1', true],
  ['sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
  ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
  ['sport/tennis/player1/#', 'sport/tennis/player2', false],
  ['sport/tennis/player1/#', 'sport/tennis', false],
  ['sport/#', 'sport', true],
  ['sport/#', 'sport/', true],
  ['sport/#', 'sports', false],
  ['#', 'x', true],
  ['#', 'x/y/z', true],
  ['#', '/', true],
  ['#', '//', true],
  ['#', '/$SYS', true],
  ['#', '/finance', true],
  ['sport/tennis/+', 'sport/tennis/player1', true],
  ['sport/tennis/+', 'sport/tennis/player2', true],
  ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
  ['sport/+', 'sport', false],
  ['sport/+', 'sport/', true],
  ['sport/+/player1', 'sport/tennis/player1', true],
  ['sport/+/player1', 'sport/tennis/x/player1', false],
  ['+', 'finance', true],
  ['+', '/finance', false],
  ['+', 'finance/', false],
  ['+', '/', false],
  ['+/+', '/finance', true],
  ['+/+', 'a/b', true],
  ['+/+', 'a', false],
  ['+/+', 'a/b/c', false],
  ['/+', '/finance', true],
  ['/+', 'finance', false],
  ['+/+', '/', true],
  ['/+', '/', true],
  ['+/', '/', true],
  ['+/+/+', '//', true],
  ['/#', '/', true],
  ['/#', '/finance', true],
  ['/#', '/finance/x', true],
  ['/#', 'finance', false],
  ['+/tennis/#', 'sport/tennis', true],
  ['+/tennis/#', 'sport/tennis/x/y', true],
  ['+/tennis/#', '/tennis', true],
  ['+/tennis/#', 'tennis', false],
  ['+/#', 'sport', true],
  ['+/#', 'sport/x', true],
  ['+/#', '/', true],
  ['a/+/c', 'a//c', true],
  ['a/+/c', 'a/b/c', true],
  ['a/+/c', 'a/c', false],
  ['a/+/#', 'a', false],
  ['a/+/#', 'a/', true],
  ['a/+/#', 'a/b', true],
  ['a/b', 'a/b', true],
  ['a/b', 'a//b', false],
  ['a/b', 'a/b/', false],
  ['a/b', '/a/b', false],
  ['a/b', 'a', false],
  ['a/b/', 'a/b', false],
  ['/', '/', true],
  ['//', '//', true],
  ['//', '/', false],
  ['finance', '/finance', false],
  ['/finance', 'finance', false],
  ['Accounts', 'ACCOUNTS', false],
  ['Accounts', 'Accounts', true],
  ['Accounts payable', 'Accounts payable', true],
  ['Accounts payable', 'Accounts  payable', false],
  [' ', ' ', true],
  ['+/x', 'a$/x', true],
  ['a/$b', 'a/$b', true],
  ['a/+', 'a/$b', true],
  ['a/#', 'a/$SYS/x', true],
  ['caf\u00e9', 'caf\u00e9', true],
  ['caf\u00e9', 'cafe\u0301', false],
  ['cafe\u0301', 'caf\u00e9', false],
  ['\u212b', '\u00c5', false],
  ['\u00df', 'ss', false],
  ['ﬁ', 'fi', false],
  ['I', 'ı', false],
  ['\u{1f600}', '\u{1f600}', true],
  ['a\u200bb', 'ab', false],
  ['a', 'a\ufeff', false],
];

const withHash = matching.filter(([filter]) => filter.includes('#'));
const withPlus = matching.filter(([filter]) => filter.includes('+') && !filter.includes('#'));
const plain = matching.filter(([filter]) => !/[+#]/.test(filter));

/** As above, for topics that begin with $; $SYS itself is the broker's, so another name stands in. */
const dollar: readonly (readonly [filter: string, topic: string, matches: boolean])[] = [
  ['#', '$SIS/broker/x', false],
  ['+/monitor/Clients', '$SIS/monitor/Clients', false],
  ['+/#', '$SIS/monitor', false],
  ['+', '$SIS', false],
  ['+/+', '$SIS/x', false],
  ['$SIS/#', '$SIS/monitor/Clients', true],
  ['$SIS/#', '$SIS', true],
  ['$SIS/monitor/+', '$SIS/monitor/Clients', true],
  ['$SIS/+/Clients', '$SIS/monitor/Clients', true],
  ['$SIS/monitor/Clients', '$SIS/monitor/Clients', true],
  ['$', '$', true],
  ['#', '$', false],
  ['+', '$', false],
  ['$SIS/x', '$sis/x', false],
];

const invalid = [
  '',
  'sport/tennis#',
  'sport/tennis/#/ranking',
  '#/a',
  '##',
  '#/',
  '#/#',
  '/##',
  'a/##',
  'sport+',
  '+a/b',
  'a/b+/c',
  '++',
  'a/++',
  '+#',
  '#+',
  'a/+#',
  '+/a+',
  'sport/#x',
  '\u0000',
  'a/\u0000',
  '#\u0000',
];

const valid = [
  '#',
  '+',
  '/',
  '//',
  '+/+',
  '+/tennis/#',
  'sport/+/player1',
  '/#',
  '$SYS/#',
  '+/+/#',
  '/+/',
  '+/+/+/+',
  ' ',
  '$',
  'a b/c d',
];

/** Whether a message on the topic reaches a subscription with the filter, both live and retained. */
const reaches = async (filter: string, topic: string): Promise<{ live: boolean; retained: boolean }> => {
  const mark = unique('m');
  const client = await broker.connect();
  const end = `${mark}/end/of/this/test`;
  /** Everything up to a marker published now. A broker may send one copy for each matching filter. */
  const seen = async (): Promise<boolean> => {
    const [payloads, last] = [[] as string[], unique('end')];
    await client.publish({ topic: end, payload: last });
    for (let payload = ''; payload !== last;) {
      ({ payload } = await client.nextPublish());
      payloads.push(payload);
    }
    return payloads.includes(mark);
  };
  await client.subscribe([end, 0], [filter, 0]);
  await seen();
  await client.publish({ topic, payload: mark, retain: true });
  const live = await seen();
  await client.subscribe([filter, 0]);
  const retained = await seen();
  await client.publish({ topic, payload: '', retain: true });
  return { live, retained };
};

describe('a filter and a topic', () => {
  test.each(withHash)(
    'filter "%s", topic "%s": match is %s [MQTT-4.7.1-2] [MQTT-3.3.2-3]',
    async (filter, topic, matches) => {
      expect(await reaches(filter, topic)).toEqual({ live: matches, retained: matches });
    },
  );

  test.each(withPlus)(
    'filter "%s", topic "%s": match is %s [MQTT-4.7.1-3] [MQTT-3.3.2-3]',
    async (filter, topic, matches) => {
      expect(await reaches(filter, topic)).toEqual({ live: matches, retained: matches });
    },
  );

  test.each(plain)(
    'filter "%s", topic "%s": match is %s [MQTT-4.7.3-4] [MQTT-3.3.2-3]',
    async (filter, topic, matches) => {
      expect(await reaches(filter, topic)).toEqual({ live: matches, retained: matches });
    },
  );

  test.each(dollar)('filter "%s", topic "%s": match is %s [MQTT-4.7.2-1]', async (filter, topic, matches) => {
    expect(await reaches(filter, topic)).toEqual({ live: matches, retained: matches });
  });
});

describe('filters', () => {
  test('with bad syntax close the connection [MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-4.7.3-1] [MQTT-4.7.3-2]', async () => {
    await forEachAtOnce(invalid, async (filter) => {
      const client = await broker.connect();
      client.send(subscribe(1, [filter, 0]));
      await client.expectClosed();
    });
  });

  test('with good syntax are granted [MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-3.8.3-2]', async () => {
    const client = await broker.connect();
    for (const filter of valid) expect(await client.subscribe([filter, 1])).toEqual([1]);
  });
});

describe('topic names', () => {
  test.each(['#', '+', 'a/#', 'a/+', '+/a', '/+/', 'sport+'])(
    'with the wildcard of "%s" close the connection [MQTT-4.7.1-1]',
    async (topic) => {
      const client = await broker.connect();
      client.send(publish({ topic, payload: 'x' }));
      await client.expectClosed();
    },
  );

  test('of no character close the connection [MQTT-4.7.3-1]', async () => {
    await forEachAtOnce([0, 1, 2], async (qos) => {
      const client = await broker.connect();
      client.send(publish({ topic: '', payload: 'x', qos, ...(qos > 0 ? { packetId: 1 } : {}) }));
      await client.expectClosed();
    });
  });

  test('with U+0000 close the connection [MQTT-4.7.3-2]', async () => {
    await forEachAtOnce(['\u0000', 'a\u0000', 'a/\u0000/b'], async (topic) => {
      const client = await broker.connect();
      client.send(publish({ topic, payload: 'x' }));
      await client.expectClosed();
    });
  });

  test('and filters of 65,535 bytes work; the length field holds no more [MQTT-4.7.3-3]', async () => {
    const topic = 'é'.repeat(32_767) + 'e';
    expect(Buffer.byteLength(topic)).toBe(65_535);
    const client = await broker.connect();
    expect(await client.subscribe([topic, 0])).toEqual([0]);
    const message = publish({ topic, payload: 'long' });
    client.send(message);
    expect((await client.nextFrame()).equals(message)).toBe(true);
  });

  test('of many levels match in good time', async () => {
    const levels = 100;
    const topic = [unique('t'), ...Array<string>(levels).fill('a')].join('/');
    const client = await broker.connect();
    const plus = Array.from({ length: levels }, (_, index) =>
      topic
        .split('/')
        .map((level, at) => (at === index + 1 ? '+' : level))
        .join('/'),
    );
    await client.subscribe(...plus.map((filter) => [filter, 0] as const), [`${topic}/#`, 0]);
    await client.publish({ topic, payload: 'deep' });
    expect(await client.nextPublish()).toMatchObject({ payload: 'deep' });
    await client.expectSilence();
  });
});
