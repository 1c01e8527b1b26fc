import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

import mqttPacket, { type Packet } from 'mqtt-packet';

import type { RoundTrip, RoundTripOutcome, RoundTripStep } from '../../application/ports/round-trip.js';
import { generatePacket } from './generate-packet.js';

/** How the client gets in, and what it does there. */
export interface RoundTripSettings {
  /** Opens the way in for one connection. */
  readonly open: () => Promise<{ readonly path: string; close(): void }>;
  readonly clientId: string;
  readonly password: Uint8Array;
  readonly topic: string;
}

/** A client that connects by a socket, subscribes, publishes a message at QoS 1, and waits for it to come back. */
export class SocketRoundTrip implements RoundTrip {
  private rounds = 0;

  constructor(private readonly settings: RoundTripSettings) {}

  async run(msMax: number): Promise<RoundTripOutcome> {
    const journey = new Journey(this.settings, `round ${++this.rounds}`);
    const beganMs = performance.now();
    try {
      await journey.make(msMax);
      return { seconds: (performance.now() - beganMs) / 1000 };
    } catch (error) {
      return { failedAt: journey.step, reason: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** One connection, from its beginning to its end. */
class Journey {
  step: RoundTripStep = 'open';

  constructor(
    private readonly settings: RoundTripSettings,
    private readonly payload: string,
  ) {}

  /** @throws Error that says why it ended at the present step. */
  async make(msMax: number): Promise<void> {
    const door = await this.settings.open();
    const socket = createConnection(door.path);
    const late = new Error(`no answer within ${msMax / 1000} s`);
    const timer = setTimeout(() => socket.destroy(late), msMax);
    try {
      await once(socket, 'connect');
      await this.talk(new Conversation(socket));
    } finally {
      clearTimeout(timer);
      door.close();
      socket.destroySoon();
    }
  }

  private async talk(conversation: Conversation): Promise<void> {
    const { clientId, password, topic } = this.settings;
    this.step = 'connect';
    conversation.say({
      ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0 },
      ...{ clientId, username: clientId, password: Buffer.from(password) },
    });
    const { returnCode } = await conversation.hear('connack');
    if (returnCode !== 0) throw new Error(`CONNACK ${String(returnCode)}`);
    this.step = 'subscribe';
    conversation.say({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] });
    const { granted } = await conversation.hear('suback');
    if (granted[0] !== 1) throw new Error('SUBACK without QoS 1');
    this.step = 'publish';
    const { payload } = this;
    conversation.say({ cmd: 'publish', messageId: 2, topic, payload, qos: 1, dup: false, retain: false });
    await conversation.hear('puback');
    this.step = 'receive';
    const { payload: received, messageId } = await conversation.hear('publish');
    if (received.toString() !== payload) throw new Error('another message came back');
    conversation.say({ cmd: 'puback', messageId: messageId ?? 0 });
    conversation.say({ cmd: 'disconnect' });
  }
}

type PacketOf<K extends Packet['cmd']> = Extract<Packet, { cmd: K }>;

/** Packets to and from the broker. */
class Conversation {
  private readonly heard: Packet[] = [];
  private listen: () => void = () => undefined;
  private end: Error | undefined;

  constructor(private readonly socket: Socket) {
    const parser = mqttPacket.parser();
    parser.on('packet', (packet) => {
      this.heard.push(packet);
      this.listen();
    });
    parser.on('error', (error: Error) => socket.destroy(error));
    socket.on('data', (chunk) => parser.parse(chunk));
    socket.on('error', (error) => (this.end = error));
    socket.on('close', () => {
      this.end ??= new Error('the broker has closed the connection');
      this.listen();
    });
  }

  say(packet: Packet): void {
    this.socket.write(generatePacket(packet));
  }

  /** Waits for a packet of a kind; others are kept. @throws Error when the connection ends before. */
  async hear<K extends Packet['cmd']>(cmd: K): Promise<PacketOf<K>> {
    for (;;) {
      const found = this.heard.find((packet) => packet.cmd === cmd);
      if (found !== undefined) return found as PacketOf<K>;
      if (this.end !== undefined) throw this.end;
      await new Promise<void>((resolve) => (this.listen = resolve));
    }
  }
}
