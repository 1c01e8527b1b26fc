import { expect, test } from '@jest/globals';
import { type RunProgram, serviceManager } from '../../../src/adapters/systemd/service-manager.js';
import { ManualClock } from '../../support/manual-clock.js';
import { silentLogger } from '../../support/silent-logger.js';

const make = (env: NodeJS.ProcessEnv) => {
  const clock = new ManualClock();
  const ran: string[] = [];
  const ends: ((error: Error | null) => void)[] = [];
  const errors: string[] = [];
  const run: RunProgram = (program, args, { NOTIFY_SOCKET }, done) => {
    ran.push([program, ...args, NOTIFY_SOCKET].join(' '));
    ends.push(done);
  };
  const logger = { ...silentLogger, error: (message: string) => void errors.push(message) };
  return { clock, ran, ends, errors, manager: serviceManager({ env, clock, logger, run }) };
};

test('systemd is told of readiness and of the end, and nobody else may speak for the broker', () => {
  const env = { NOTIFY_SOCKET: '/run/n' };
  const { manager, ran, clock } = make(env);
  manager.ready('listening');
  manager.stopping();
  expect(ran).toEqual(['systemd-notify READY=1 STATUS=listening /run/n', 'systemd-notify STOPPING=1 /run/n']);
  expect([env, clock.tickerCount]).toEqual([{}, 0]);
});

test('the watchdog is fed three times in its interval, one message at a time', () => {
  const { manager, ran, ends, clock } = make({ NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '30000000' });
  manager.ready('x');
  clock.advance(20_000);
  expect(ran.slice(1)).toEqual(['systemd-notify WATCHDOG=1 /run/n']);
  ends.at(-1)?.(null);
  clock.advance(10_000);
  expect(ran.slice(1)).toHaveLength(2);
});

test('a message that can not be sent is an error of the log, and the next is tried', () => {
  const { manager, ends, errors } = make({ NOTIFY_SOCKET: '/run/n' });
  manager.ready('x');
  ends[0]?.(new Error('ENOENT'));
  expect(errors).toEqual([expect.stringContaining('systemd could not be told')]);
});

test('without systemd nothing is run', () => {
  const { manager, ran } = make({});
  manager.ready('x');
  manager.stopping();
  expect(ran).toEqual([]);
});
