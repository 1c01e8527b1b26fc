import { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { PinoLogs, type PinoLogsOptions } from '../../../src/adapters/log/pino-logs.js';

/** A stream that keeps what it is given; `writableLength` says how much its reader has left waiting. */
class FakeStream extends EventEmitter {
  readonly lines: string[] = [];
  writableLength = 0;

  write(line: string): boolean {
    this.lines.push(line);
    return true;
  }
}

function loggerWith(options: Partial<Omit<PinoLogsOptions, 'destination'>>) {
  const stream = new FakeStream();
  const logs = new PinoLogs({
    level: 'info',
    format: 'json',
    destination: stream as unknown as Writable,
    isTerminal: false,
    ...options,
  });
  return { logs, logger: logs.component('broker'), stream, lines: stream.lines };
}

describe('JSON lines', () => {
  test('a record is one object on one line, with its time, level, message and fields', () => {
    const { logger, lines } = loggerWith({});
    logger.warn('client\nrefused', { clientId: 'a\nb', code: 5, willRetry: false, reason: undefined });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1);
    expect(JSON.parse(lines[0]!)).toEqual({
      level: 'warn',
      component: 'broker',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      message: 'client\nrefused',
      clientId: 'a\nb',
      code: 5,
      willRetry: false,
    });
  });

  test.each([
    ['error', ['error']],
    ['warn', ['error', 'warn']],
    ['info', ['error', 'warn', 'info']],
    ['debug', ['error', 'warn', 'info', 'debug']],
  ] as const)('at level %s exactly the levels %j are written', (level, written) => {
    const { logger, lines } = loggerWith({ level });
    logger.error('x');
    logger.warn('x');
    logger.info('x');
    logger.debug('x');
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(written);
  });

  test('a percent sign in a message stands for itself', () => {
    const { logger, lines } = loggerWith({});
    logger.info('disk 99%d full', { d: 1 });
    expect(JSON.parse(lines[0]!)).toMatchObject({ message: 'disk 99%d full' });
  });
});

describe('the readable form', () => {
  test('a record is one line with the time of day, the level, the message and the fields', () => {
    const { logger, lines } = loggerWith({ format: 'pretty' });
    logger.info('client connected', { clientId: 'meter 7', port: 1883, address: '[::1]:5', note: 'a:b/c' });
    expect(lines).toEqual([
      expect.stringMatching(
        /^\d\d:\d\d:\d\d\.\d{3} INFO {2}broker: client connected {2}clientId="meter 7" port=1883 address="\[::1\]:5" note=a:b\/c\n$/,
      ),
    ]);
  });

  test('a record without fields ends with its message', () => {
    const { logger, lines } = loggerWith({ format: 'pretty' });
    logger.error('no more');
    expect(lines[0]).toMatch(/ ERROR broker: no more\n$/);
  });

  test('text that a client chose can neither break the line nor speak to the terminal', () => {
    const { logger, lines } = loggerWith({ format: 'pretty' });
    logger.info('hello\u001b[2J\r\nINFO forged', { clientId: '\u001b]0;x\u0007\u009b1m\u202e\n\u2028' });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
    expect(lines[0]?.endsWith('\n')).toBe(true);
    expect(lines[0]).toContain('broker: hello\\u{1b}[2J\\u{d}\\u{a}INFO forged');
  });
});

test.each([
  ['auto', true, false],
  ['auto', false, true],
  ['json', true, true],
  ['pretty', false, false],
] as const)('format %s with a terminal: %s writes JSON: %s', (format, isTerminal, isJson) => {
  const { logger, lines } = loggerWith({ format, isTerminal });
  logger.info('x');
  expect(lines[0]?.startsWith('{')).toBe(isJson);
});

test('a format that is set anew holds from the next line on', () => {
  const { stream } = loggerWith({});
  const destination = stream as unknown as Writable;
  const options = { level: 'info' as const, format: 'json' as 'json' | 'pretty', destination };
  const logger = new PinoLogs(options).component('broker');
  logger.info('x');
  options.format = 'pretty';
  logger.info('x');
  expect(stream.lines.map((line) => line.startsWith('{'))).toEqual([true, false]);
});

describe('the levels of parts', () => {
  test('a part has the level of its own, and the others the general one', () => {
    const { logs, lines } = loggerWith({ levels: { database: 'debug', audit: undefined } });
    logs.component('database').debug('x');
    logs.component('audit').debug('y');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ component: 'database' }]);
  });

  test('change at run time, for one part or for all, also for who has its logger already', () => {
    const { logs, logger, lines } = loggerWith({});
    logger.debug('before');
    logs.set('broker', 'debug');
    logger.debug('after');
    logs.component('audit').debug('not this one');
    expect(lines).toHaveLength(1);
    logs.set(undefined, 'error');
    expect(new Set(Object.values(logs.levels()))).toEqual(new Set(['error']));
  });
});

describe('a log that nobody reads', () => {
  test('lines are lost, not kept, and one line says how many once there is room again', () => {
    const { logger, stream, lines } = loggerWith({});
    stream.writableLength = 1_048_577;
    logger.info('a');
    logger.info('b');
    expect(lines).toEqual([]);
    stream.writableLength = 1_048_576;
    logger.info('c');
    logger.info('d');
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records).toMatchObject([
      { level: 'warn', message: expect.stringContaining('lost'), lost: 2 },
      { level: 'info', message: 'c' },
      { level: 'info', message: 'd' },
    ]);
  });

  test('a reader that goes away is no error of ours', () => {
    const { logger, stream } = loggerWith({});
    expect(stream.emit('error', new Error('EPIPE'))).toBe(true);
    expect(() => logger.info('x')).not.toThrow();
  });
});
