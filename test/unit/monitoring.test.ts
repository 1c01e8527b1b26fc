import { afterEach, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { MetricsServer } from '../../src/adapters/prometheus/metrics-server.js';
import { Readiness } from '../../src/monitoring.js';

let server: MetricsServer | undefined;
afterEach(async () => server?.stop());

const serve = async (readiness: Readiness): Promise<(path: string) => Promise<[number, string]>> => {
  server = new MetricsServer(new Registry(), () => readiness.reason(), { host: '127.0.0.1', port: 0 });
  await server.start();
  const { port } = server;
  return async (path) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, await response.text()];
  };
};

test('/readyz says why clients should not be sent here: starting, the database, stopping', async () => {
  let failure: string | undefined;
  const readiness = new Readiness(() => failure);
  const get = await serve(readiness);
  expect(await get('/readyz')).toEqual([503, 'starting: the state of the last run is being restored\n']);
  readiness.enter('serving');
  expect(await get('/readyz')).toEqual([200, 'ready\n']);
  failure = 'connection refused';
  expect(await get('/readyz')).toEqual([503, 'durable changes wait for the database: connection refused\n']);
  failure = undefined;
  expect(await get('/readyz')).toEqual([200, 'ready\n']);
  readiness.enter('stopping');
  expect(await get('/readyz')).toEqual([503, 'stopping\n']);
});

test('/livez answers whatever is wrong, and other paths say what there is', async () => {
  const get = await serve(new Readiness(() => 'away'));
  expect(await get('/livez')).toEqual([200, 'alive\n']);
  expect(await get('/')).toEqual([404, 'there are /metrics, /livez and /readyz\n']);
});

test('an address that is taken is an error that says what to do', async () => {
  await serve(new Readiness(() => undefined));
  const address = { host: '127.0.0.1', port: server!.port };
  await expect(new MetricsServer(new Registry(), () => undefined, address).start()).rejects.toThrow(
    /can't serve metrics on 127\.0\.0\.1:\d+: .*EADDRINUSE.*; set metrics\.port/,
  );
});
