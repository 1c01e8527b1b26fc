import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import mqtt, { type MqttClient } from 'mqtt';
import { endBrokerProcesses, startBrokerProcess } from '../support/broker-process.js';
import { stuckSubscriber } from '../support/stuck-subscriber.js';
import { waitUntil, withinMs } from '../support/wait-until.js';

const ORDERLY = { code: 0, signal: null };
const BLOCK_BYTES = 100_000;
const closings: (() => void)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0)) close();
  await endBrokerProcesses();
});

describe.each(['SIGTERM', 'SIGINT'] as const)('on %s', (signal) => {
  test('a broker without clients ends with exit code 0', async () => {
    const broker = await startBrokerProcess();
    broker.signal(signal);
    expect(await withinMs(broker.exited, 'the exit')).toEqual(ORDERLY);
  });

  test('every connection is closed and the exit code is 0, with no error logged', async () => {
    const broker = await startBrokerProcess();
    const clean = await connectedClient(broker.port, 'clean');
    const kept = await connectedClient(broker.port, 'kept', false);
    const closed = Promise.all([closeOf(clean), closeOf(kept)]);
    broker.signal(signal);
    await withinMs(closed, 'the connections to close', 2_000);
    expect(await withinMs(broker.exited, 'the exit')).toEqual(ORDERLY);
    expect(broker.stderr()).toBe('');
  });

  test('what was acknowledged just before is still delivered', async () => {
    const broker = await startBrokerProcess();
    const subscriber = await connectedClient(broker.port, 'subscriber');
    const received: string[] = [];
    subscriber.on('message', (_topic, payload) => received.push(payload.toString()));
    await subscriber.subscribeAsync('news', { qos: 1 });
    const publisher = await connectedClient(broker.port, 'publisher');
    const sent = Array.from({ length: 50 }, (_, index) => `${index}`.padEnd(10_000));
    const closed = closeOf(subscriber);
    await Promise.all(sent.map((payload) => publisher.publishAsync('news', payload, { qos: 1 })));
    broker.signal(signal);
    await withinMs(closed, 'the connection to close');
    expect(received).toEqual(sent);
    expect(await withinMs(broker.exited, 'the exit')).toEqual(ORDERLY);
  });
});

test('a connection that has not sent CONNECT does not hold up a stop', async () => {
  const broker = await startBrokerProcess();
  const silent = connect({ host: '127.0.0.1', port: broker.port });
  closings.push(() => void silent.destroy());
  await once(silent, 'connect');
  const closed = once(silent.resume(), 'close');
  // A client that gets through afterwards shows that the broker has accepted the silent one by now.
  await connectedClient(broker.port, 'later');
  broker.signal('SIGTERM');
  await withinMs(closed, 'the silent connection to close', 2_000);
  expect(await withinMs(broker.exited, 'the exit')).toEqual(ORDERLY);
});

describe('while a client does not read', () => {
  test('an orderly stop waits for it, and it gets all that was queued', async () => {
    const broker = await startBrokerProcess();
    const subscriber = await stuckSubscriber(broker.port, 'pile');
    closings.push(subscriber.destroy);
    await publishBlocks(broker.port, 70);
    broker.signal('SIGTERM');
    await refusesConnections(broker.port);
    subscriber.readOn();
    await withinMs(subscriber.closed, 'the connection to close');
    expect(subscriber.received).toEqual(Array.from({ length: 70 }, () => BLOCK_BYTES));
    expect(await withinMs(broker.exited, 'the exit')).toEqual(ORDERLY);
  });

  test('an orderly stop gives up on it after the grace time', async () => {
    const broker = await startBrokerProcess({ env: { SURETY_SHUTDOWN_GRACE_SECONDS: '1' } });
    closings.push((await stuckSubscriber(broker.port, 'pile')).destroy);
    await publishBlocks(broker.port, 150);
    const beganMs = Date.now();
    broker.signal('SIGTERM');
    expect(await withinMs(broker.exited, 'the exit', 5_000)).toEqual(ORDERLY);
    expect(Date.now() - beganMs).toBeGreaterThan(900);
  });

  test('a second signal ends the broker at once', async () => {
    const broker = await startBrokerProcess({ env: { SURETY_SHUTDOWN_GRACE_SECONDS: '60' } });
    closings.push((await stuckSubscriber(broker.port, 'pile')).destroy);
    await publishBlocks(broker.port, 150);
    broker.signal('SIGTERM');
    await refusesConnections(broker.port);
    expect(await isStillRunning(broker.exited)).toBe(true);
    broker.signal('SIGTERM');
    expect(await withinMs(broker.exited, 'the exit after the second signal', 2_000)).not.toEqual(ORDERLY);
  });
});

async function connectedClient(port: number, clientId: string, clean = true): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId, clean, reconnectPeriod: 0 });
  closings.push(() => void client.end(true));
  return client;
}

function closeOf(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    client.once('close', resolve);
  });
}

/** Publishes blocks to `pile`; all of them have reached the broker when it resolves. */
async function publishBlocks(port: number, count: number): Promise<void> {
  const publisher = await connectedClient(port, 'publisher');
  const block = Buffer.alloc(BLOCK_BYTES, 'x');
  for (let sent = 0; sent < count; sent += 1) await publisher.publishAsync('pile', block, { qos: 1 });
  await publisher.endAsync();
}

/** The first thing an orderly stop does is to accept no more clients, so this tells that it has begun. */
async function refusesConnections(port: number): Promise<void> {
  let isRefused = false;
  const attempt = (): void => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => (isRefused = true));
    socket.once('connect', () => {
      socket.destroy();
      attempt();
    });
  };
  attempt();
  await waitUntil(() => isRefused, 'new connections to be refused');
}

async function isStillRunning(exited: Promise<unknown>): Promise<boolean> {
  const marker = Symbol('running');
  return (
    (await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 200, marker))])) === marker
  );
}
