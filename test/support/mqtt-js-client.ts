import type { MqttClient } from 'mqtt';
import { withinMs } from './wait-until.js';
import type {
  BrokerAddress,
  ClientConnection,
  Installed,
  OpenOptions,
  PublishOptions,
  RealClient,
  ReceivedMessage,
} from './real-clients.js';

type MqttJs = typeof import('mqtt').default;

const connections = new Set<ClientConnection>();

/** MQTT.js, which runs inside the test's own process. */
export async function findMqttJs(): Promise<Installed> {
  try {
    const { default: mqtt } = await import('mqtt');
    return { client: mqttJsClient(mqtt) };
  } catch {
    return { missing: 'MQTT.js', install: 'npm install' };
  }
}

function mqttJsClient(mqtt: MqttJs): RealClient {
  return {
    name: 'MQTT.js',
    tellsSessionPresent: true,
    open: (broker, options) => open(mqtt, broker, options),
    publish: (broker, options) => publish(mqtt, broker, options),
    killAll: async () => {
      await Promise.all([...connections].map((connection) => connection.kill()));
    },
  };
}

async function publish(mqtt: MqttJs, broker: BrokerAddress, options: PublishOptions): Promise<void> {
  const { topic, payloads, qos, retain = false } = options;
  const client = await withinMs(mqtt.connectAsync(urlOf(broker), { reconnectPeriod: 0 }), 'CONNACK');
  try {
    const sent = payloads.map((payload) => client.publishAsync(topic, payload, { qos, retain }));
    await withinMs(Promise.all(sent), 'the acknowledgements');
  } finally {
    await client.endAsync();
  }
}

async function open(mqtt: MqttJs, broker: BrokerAddress, options: OpenOptions): Promise<ClientConnection> {
  const { clientId, clean = true, subscribe, will } = options;
  const client = mqtt.connect(urlOf(broker), {
    clientId,
    clean,
    reconnectPeriod: 0,
    protocolVersion: 4,
    ...(will ? { will: { ...will, payload: Buffer.from(will.payload) } } : {}),
  });
  const received = collectMessages(client);
  const connection = connectionOf(client, received, await accepted(client));
  connections.add(connection);
  void connection.ended.then(() => connections.delete(connection));
  if (subscribe) {
    const grants = await withinMs(client.subscribeAsync(subscribe.filter, { qos: subscribe.qos }), 'SUBACK');
    if (grants[0]?.qos !== subscribe.qos)
      throw new Error(`another QoS was granted: ${JSON.stringify(grants)}`);
  }
  return connection;
}

/** @returns The session-present flag of CONNACK. */
async function accepted(client: MqttClient): Promise<boolean> {
  const outcome = new Promise<boolean>((resolve, reject) => {
    client.once('connect', (connack) => {
      resolve(connack.sessionPresent);
    });
    client.once('error', reject);
    client.once('close', () => {
      reject(new Error('closed before CONNACK'));
    });
  });
  return withinMs(outcome, 'CONNACK').catch((error: unknown) => {
    client.end(true);
    throw error;
  });
}

function collectMessages(client: MqttClient): ReceivedMessage[] {
  const received: ReceivedMessage[] = [];
  client.on('message', (topic, payload, packet) => {
    received.push({ topic, payload: payload.toString(), qos: packet.qos, retain: packet.retain });
  });
  return received;
}

function connectionOf(
  client: MqttClient,
  received: readonly ReceivedMessage[],
  sessionPresent: boolean,
): ClientConnection {
  const ended = new Promise<void>((resolve) => {
    client.once('close', resolve);
  });
  return {
    sessionPresent,
    received,
    ended,
    suspend: () => undefined,
    resume: () => undefined,
    leave: async () => {
      await client.endAsync();
    },
    kill: async () => {
      client.stream.destroy();
      await withinMs(ended, 'the destroyed connection to close');
      await client.endAsync(true);
    },
  };
}

function urlOf(broker: BrokerAddress): string {
  return `mqtt://${broker.host}:${broker.port}`;
}
