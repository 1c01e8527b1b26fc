import { describe, expect, test } from '@jest/globals';
import { parseBenchOptions } from '../../bench/bench-options.js';
import { parseBusySeconds, parseProcessStat } from '../../bench/load/cpu-seconds.js';
import { parseResultLine } from '../../bench/load-driver.js';
import { parseCpuList } from '../../bench/machine.js';
import { isApart, selfCheckRow } from '../../bench/self-check.js';

describe('the command line of the benchmark', () => {
  test('runs everything in memory by default, for as long as the suite says', () => {
    expect(parseBenchOptions([])).toMatchObject({
      command: 'run',
      suite: 'memory',
      only: undefined,
      brokers: undefined,
      rounds: undefined,
      measureSeconds: undefined,
      isPinned: true,
      assert: false,
    });
  });

  test('takes lists, numbers and flags', () => {
    const argv = [
      '--only',
      'a,b',
      '--brokers',
      'x',
      '--rounds',
      '1',
      '--secs',
      '2.5',
      '--no-pin',
      '--assert',
    ];
    expect(parseBenchOptions(argv)).toMatchObject({
      only: ['a', 'b'],
      brokers: ['x'],
      rounds: 1,
      measureSeconds: 2.5,
      isPinned: false,
      assert: true,
    });
  });

  test('takes the name of a suite for short', () => {
    expect(parseBenchOptions(['durable'])).toMatchObject({ command: 'run', suite: 'durable' });
    expect(parseBenchOptions(['--suite', 'durable'])).toMatchObject({ command: 'run', suite: 'durable' });
  });

  test('knows the report, whole or in parts, and the quick comparison', () => {
    expect(parseBenchOptions(['report', '--only', 'latency,soak'])).toMatchObject({
      command: 'report',
      only: ['latency', 'soak'],
      draw: false,
    });
    expect(parseBenchOptions(['report', '--draw']).draw).toBe(true);
    expect(parseBenchOptions(['quick']).command).toBe('quick');
  });

  test('knows the self-check', () => {
    expect(parseBenchOptions(['self-check', '--mqload', 'm.c'])).toMatchObject({
      command: 'self-check',
      mqload: 'm.c',
    });
  });

  test.each([[['--rounds', '0']], [['--secs', 'x']], [['memory', 'durable']], [['--unknown']]])(
    'refuses %j',
    (argv) => {
      expect(() => parseBenchOptions(argv)).toThrow();
    },
  );
});

describe('what the benchmark reads', () => {
  test("of a load generator's line are its numbers", () => {
    expect(parseResultLine('layout=pair qos=1 p99_ms=0.250 lost= note=x\n')).toEqual({
      qos: 1,
      p99_ms: 0.25,
    });
  });

  test('of a list of CPUs are all of its ranges', () => {
    expect(parseCpuList('0-2,5,8-9')).toEqual([0, 1, 2, 5, 8, 9]);
    expect(parseCpuList('')).toEqual([]);
  });

  test('of /proc/stat is what all CPUs did but idle, wait for I/O and run guests', () => {
    const stat = 'cpu  100 200 300 9000 9000 400 500 600 9000 9000\ncpu0 1 2 3 4 5 6 7 8 9 10\n';
    expect(parseBusySeconds(stat)).toBe(21);
  });

  test('of /proc/PID/stat are the parent and all CPU time with that of ended children, whatever the name of the process', () => {
    const stat = '123 (a) b (c) S 77 2 3 4 5 6 7 8 9 10 250 50 30 20 20 0 11 0';
    expect(parseProcessStat(stat)).toEqual({ parent: 77, cpuSeconds: 3.5 });
  });
});

describe('the self-check', () => {
  const row = (peer: string, ours: number) =>
    selfCheckRow('s', peer, [{ delivered_per_s: ours }], [{ delivered_per_s: 100 }]);

  test('finds generators apart that differ by more than 15 % against a broker, either way', () => {
    expect([84, 86, 100, 114, 116].map((ours) => isApart(row('mosquitto', ours)))).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  test('lets ours be the faster one against the relay, but not the slower one', () => {
    expect([84, 86, 300].map((ours) => isApart(row('relay', ours)))).toEqual([true, false, false]);
  });

  test('tells how far the median of ours is from that of the other', () => {
    const own = [{ delivered_per_s: 90 }, { delivered_per_s: 120 }, { delivered_per_s: 500 }];
    expect(selfCheckRow('s', 'p', own, [{ delivered_per_s: 100 }]).difference).toBeCloseTo(0.2);
  });

  test('has no difference without another generator', () => {
    expect(selfCheckRow('s', 'p', [{ delivered_per_s: 90 }], []).difference).toBeUndefined();
  });
});
