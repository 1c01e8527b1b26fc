import { afterEach, expect, test } from '@jest/globals';
import { ConnectCode } from '../../../src/domain/connect-code.js';
import { startBroker, type TestBroker } from '../../support/start-broker.js';

/** Each takes a round trip or several on the broker's event loop, which the canary goes on meanwhile. */
const SCRAPES_MAX = 500;

let broker: TestBroker | undefined;
afterEach(async () => broker?.stop());

const textOf = async (port: number | undefined): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
const valueOf = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
};

test('the canary gets its message back by a socket of its own, though nobody else is let in', async () => {
  const authenticator = { authenticate: async () => ({ refusal: ConnectCode.notAuthorized }) };
  const metrics = { enabled: true, port: 0 };
  broker = await startBroker({ authenticator, config: { metrics } });
  const { metricsPort } = broker;
  let text = await textOf(metricsPort);
  const rounds = (): number | undefined => valueOf(text, 'surety_canary_round_trip_seconds_count');
  for (let scrapes = 0; scrapes < SCRAPES_MAX && rounds() === 0; scrapes++) text = await textOf(metricsPort);
  expect(rounds()).toBe(1);
  for (const step of ['open', 'connect', 'subscribe', 'publish', 'receive'])
    expect(valueOf(text, `surety_canary_failures_total{step="${step}"}`)).toBe(0);
  expect(valueOf(text, 'surety_authentications_total{provider="canary",result="accepted"}')).toBe(1);
  expect(valueOf(text, 'surety_connects_accepted_total')).toBe(1);
  expect(valueOf(text, 'surety_ready')).toBe(1);
});

test('there is no canary where it is switched off', async () => {
  const config = { metrics: { enabled: true, port: 0 }, health: { canary: { enabled: false } } };
  broker = await startBroker({ config });
  const text = await textOf(broker.metricsPort);
  expect(valueOf(text, 'surety_connections_opened_total')).toBe(0);
  expect(valueOf(text, 'surety_canary_round_trip_seconds_count')).toBe(0);
});
