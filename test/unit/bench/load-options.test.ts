import { describe, expect, test } from '@jest/globals';
import { LAYOUTS, parseLoadOptions } from '../../bench/load/load-options.js';
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

  test('make room in the payload for its time and publisher', () => {
    expect(parseLoadOptions(['--size', '1']).payloadBytes).toBe(12);
  });

  test.each([
    [['--speed', '9'], 'unknown option --speed'],
    [['--qos'], 'no value for --qos'],
    [['--qos', '3'], '--qos is 0, 1 or 2'],
    [['--layout', 'ring'], 'unknown layout ring'],
    [['--layout', 'sink'], 'layout sink needs --qos 1 or 2'],
    [['--secs', 'long'], '--secs takes a number'],
  ])('refuse %j', (argv, message) => {
    expect(() => parseLoadOptions(argv)).toThrow(message);
  });
});

describe('the scenarios of the memory suite', () => {
  test.each(memorySuite.scenarios)('$name has flags that the load generator takes', ({ load }) => {
    const argv = Object.entries(load).flatMap(([name, value]) => [`--${name}`, String(value)]);
    expect(Object.keys(LAYOUTS)).toContain(parseLoadOptions(argv).layout);
  });

  test('each have a minimum that names one of their figures', () => {
    for (const { name, figures } of memorySuite.scenarios) {
      const minimum = memorySuite.minimums.find((one) => one.scenario === name);
      expect(figures.map((figure) => figure.key)).toContain(minimum?.figure);
    }
  });
});
