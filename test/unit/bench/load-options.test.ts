import { describe, expect, test } from '@jest/globals';
import { LAYOUTS, parseLoadOptions } from '../../bench/load/load-options.js';
import { durableSuite } from '../../bench/suites/durable-suite.js';
import { memorySuite } from '../../bench/suites/memory-suite.js';

describe('the options of the load generator', () => {
  test('have defaults', () => {
    const options = parseLoadOptions([]);
    expect(options).toMatchObject({ layout: 'pair', publishers: 1, qos: 0, payloadBytes: 100, window: 500 });
    expect(options.brokerPid).toBeUndefined();
  });

  test('give each publisher of a pair a subscriber', () => {
    expect(parseLoadOptions(['--pubs', '20', '--subs', '3']).subscribers).toBe(20);
  });

  test('leave no subscriber to a sink', () => {
    expect(parseLoadOptions(['--layout', 'sink', '--qos', '1', '--subs', '3']).subscribers).toBe(0);
  });

  test('give a drain its one subscriber, and offline sessions one for each publisher', () => {
    expect(parseLoadOptions(['--layout', 'drain', '--qos', '1', '--pubs', '3']).subscribers).toBe(1);
    expect(parseLoadOptions(['--layout', 'offline', '--qos', '1', '--pubs', '3']).subscribers).toBe(3);
  });

  test('make room in the payload for its time, publisher and number', () => {
    expect(parseLoadOptions(['--size', '1']).payloadBytes).toBe(12);
  });

  test('take the longest payload that a frame holds by WebSocket, and any by other transports', () => {
    expect(parseLoadOptions(['--transport', 'ws', '--size', '65435']).payloadBytes).toBe(65_435);
    expect(parseLoadOptions(['--transport', 'tls', '--size', '100000']).payloadBytes).toBe(100_000);
  });

  test.each([
    [['--speed', '9'], 'unknown option --speed'],
    [['--qos'], 'no value for --qos'],
    [['--qos', '3'], '--qos is 0, 1 or 2'],
    [['--layout', 'ring'], 'unknown layout ring'],
    [['--layout', 'offline'], 'layout offline needs --qos 1 or 2'],
    [['--layout', 'sink'], 'layout sink needs --qos 1 or 2'],
    [['--secs', 'long'], '--secs takes a number'],
    [['--transport', 'ws', '--size', '65436'], '--size is at most 65435 with ws'],
  ])('refuse %j', (argv, message) => {
    expect(() => parseLoadOptions(argv)).toThrow(message);
  });
});

describe.each([memorySuite, durableSuite])('the scenarios of suite $name', (suite) => {
  test.each(suite.scenarios)('$name has flags that the load generator takes', ({ load }) => {
    const argv = Object.entries(load).flatMap(([name, value]) => [`--${name}`, String(value)]);
    expect(Object.keys(LAYOUTS)).toContain(parseLoadOptions(argv).layout);
  });

  test('have minimums on their own figures alone, over peers that take part', () => {
    for (const minimum of suite.minimums) {
      const scenario = suite.scenarios.find((one) => one.name === minimum.scenario);
      expect(scenario?.figures.map((figure) => figure.key)).toContain(minimum.figure);
      if (minimum.reference !== undefined) {
        expect(scenario?.peers ?? suite.peers).toContain(minimum.reference);
      }
    }
  });

  test('have a minimum each, unless they say that they are for information', () => {
    for (const { name, title } of suite.scenarios) {
      const isBound = suite.minimums.some((minimum) => minimum.scenario === name);
      expect([name, isBound]).toEqual([name, !title.includes('for information')]);
    }
  });

  test('have settings and procedures for peers of the suite alone', () => {
    for (const { settings = {}, procedures = {}, peers = [] } of suite.scenarios) {
      for (const peer of [...Object.keys(settings), ...Object.keys(procedures), ...peers]) {
        expect(suite.peers).toContain(peer);
      }
    }
  });
});
