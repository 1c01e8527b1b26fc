import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { endBrokerProcesses } from '../support/broker-process.js';
import { findMosquittoClients } from '../support/mosquitto-clients.js';
import { findMqttJs } from '../support/mqtt-js-client.js';
import { findPahoClient } from '../support/paho-client.js';
import { brokerUnderTest } from '../support/real-client-scenarios.js';
import type { BrokerAddress, RealClient } from '../support/real-clients.js';
import { waitUntil } from '../support/wait-until.js';

/** Absent programs are told of, or failed, by the suites of their own. */
const clients = [findMosquittoClients(), findPahoClient(), await findMqttJs()].flatMap<RealClient>((found) =>
  'client' in found ? [found.client] : [],
);

describe('clients of different makers', () => {
  let broker: BrokerAddress;
  beforeAll(async () => {
    broker = await brokerUnderTest();
  });
  afterEach(() => Promise.all(clients.map((client) => client.killAll())));
  afterAll(endBrokerProcesses);

  test.each(clients.map((client) => ({ name: client.name, client })))(
    'all get the same from $name, umlauts and emojis included',
    async ({ client: publisher }) => {
      const topic = `küche/${randomUUID()}/🌡`;
      const connections = await Promise.all(
        clients.map((client) =>
          client.open(broker, { clientId: randomUUID(), subscribe: { filter: topic, qos: 2 } }),
        ),
      );
      await publisher.publish(broker, { topic, payloads: ['21 °C', '22 °C ☀'], qos: 2 });
      await waitUntil(() => connections.every(({ received }) => received.length >= 2), 'both messages');
      const expected = ['21 °C', '22 °C ☀'].map((payload) => ({ topic, payload, qos: 2, retain: false }));
      expect(connections.map(({ received }) => received)).toEqual(clients.map(() => expected));
    },
  );
});
