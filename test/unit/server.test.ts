import { expect, test } from '@jest/globals';
import { Server, type ServerParts } from '../../src/server.js';

const nothing = (): void => undefined;
const done = async (): Promise<void> => undefined;
const never = (): Promise<void> => new Promise(nothing);

/** A server whose parts only note what a test asks for. */
const makeServer = (
  over: {
    readonly listenerStart?: () => Promise<readonly string[]>;
    readonly checkpointsStop?: () => Promise<void>;
  } = {},
) => {
  const graces: number[] = [];
  const parts = {
    broker: { refuseClients: nothing, expireSessions: nothing },
    endpoint: { closeAll: nothing, stop: nothing, connectionCount: 0 },
    listeners: { start: over.listenerStart ?? (async () => ['here']), stop: nothing },
    storage: { stop: async (graceMs: number) => void graces.push(graceMs) },
    restoreState: { restore: async () => ({ sessions: 0, retainedMessages: 0 }) },
    reload: { reloadAll: done, stop: done },
    reloadables: [],
    admin: { start: done, stop: done },
    run: { begin: done, restored: nothing, end: nothing },
    keeping: {
      checkpoints: { start: nothing, stop: over.checkpointsStop ?? done },
      retention: { start: nothing, stop: done },
      clockWatch: { start: nothing, stop: nothing },
    },
    monitoring: { start: done, serving: nothing, stopping: nothing, stop: done },
    clientAuthentication: { start: done, stop: done },
    reloadAccess: { readFirst: done, onChange: nothing, stop: nothing },
    traces: { stopAll: nothing },
    clock: { nowMs: () => 0, every: () => nothing },
  };
  return { graces, server: new Server(parts as unknown as ServerParts) };
};

test('what is to be done before clients come is done before the first listener takes them', async () => {
  const order: string[] = [];
  const { server } = makeServer({ listenerStart: async () => [String(order.push('listening'))] });
  await server.start(() => order.push('before clients'));
  expect(order).toEqual(['before clients', 'listening']);
});

test('a start that fails leaves the database the time to take the last record', async () => {
  const { graces, server } = makeServer({ listenerStart: () => Promise.reject(new Error('in use')) });
  await expect(server.start()).rejects.toThrow('in use');
  expect(graces).toEqual([2000]);
});

test('a stop waits for checkpoints that can not be kept no longer than its grace', async () => {
  const { graces, server } = makeServer({ checkpointsStop: never });
  await server.start();
  await server.stop(20);
  expect(graces).toEqual([20]);
});
