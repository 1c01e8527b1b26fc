import { connect, type Socket } from 'node:net';
import mqttPacket from 'mqtt-packet';
import { waitUntil } from './wait-until.js';

/** A subscriber that stops reading as soon as it is subscribed, so that its messages pile up in the broker. */
export interface StuckSubscriber {
  /** Payload lengths in bytes of what has been read, in order. */
  readonly received: readonly number[];
  /** Settles when the connection is closed, which shows only while it reads; never rejects. */
  readonly closed: Promise<void>;
  /** Begins to read again. */
  readonly readOn: () => void;
  /** Cuts the connection. */
  readonly destroy: () => void;
}

/**
 * Subscribes to `filter` at QoS 0 and stops reading.
 *
 * @throws Error when there is no SUBACK within ten seconds.
 */
export async function stuckSubscriber(port: number, filter: string): Promise<StuckSubscriber> {
  const received: number[] = [];
  let isSubscribed = false;
  const socket = connect({ host: '127.0.0.1', port });
  const parser = mqttPacket.parser();
  parser.on('packet', (packet) => {
    if (packet.cmd === 'publish') received.push(packet.payload.length);
    if (packet.cmd === 'suback') isSubscribed = true;
  });
  socket.on('data', (bytes: Buffer) => parser.parse(bytes));
  // A reset is one way for the broker to close: the close event says so too.
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  greet(socket, filter);
  await waitUntil(() => isSubscribed, 'SUBACK');
  socket.pause();
  return {
    received,
    closed,
    readOn: () => void socket.resume(),
    destroy: () => void socket.destroy(),
  };
}

function greet(socket: Socket, filter: string): void {
  const clientId = `stuck-${filter}`;
  socket.write(
    mqttPacket.generate({ cmd: 'connect', clientId, protocolVersion: 4, clean: true, keepalive: 0 }),
  );
  socket.write(
    mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filter, qos: 0 }] }),
  );
}
