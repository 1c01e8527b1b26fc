import { withinMs } from '../support/wait-until.js';
import { Connection, type ConnectionUser } from './connection.js';
import {
  DISCONNECT,
  encodeConnect,
  encodeSubscribe,
  PacketType,
  STAMP_BYTES,
  type TestMessage,
  uint16At,
  uint32At,
} from './packets.js';

const PINGREQ = Buffer.from([0xc0, 0]);
const PINGRESP = 13;

/** A client for one connection: with a will, or to look what is retained, or to end a session. */
export class CleanClient implements ConnectionUser {
  /** Numbers of the messages that came, by topic. */
  readonly received = new Map<string, number>();
  isAccepted = false;
  private readonly connection: Connection;
  private readonly waiters = new Map<number, (code: number) => void>();
  private fail: ((error: Error) => void) | undefined;

  constructor(
    port: number,
    private readonly clientId: string,
    private readonly options: { readonly cleanSession?: boolean; readonly will?: TestMessage } = {},
  ) {
    this.connection = new Connection(port, this);
  }

  /** @returns the return code. @throws Error when the connection ends before. */
  async connect(): Promise<number> {
    const { cleanSession = true, will } = this.options;
    const code = await this.request(encodeConnect(this.clientId, cleanSession, will), PacketType.connack);
    this.isAccepted = code === 0;
    return code;
  }

  /** Subscribes at QoS 0, and waits for what is retained. */
  async lookUp(filter: string): Promise<ReadonlyMap<string, number>> {
    await this.request(encodeSubscribe(1, [filter], 0), PacketType.suback);
    await this.request(PINGREQ, PINGRESP);
    return this.received;
  }

  cut(): void {
    this.connection.cut();
  }

  leave(): void {
    this.connection.end(DISCONNECT);
  }

  onFrame(header: number, bytes: Uint8Array, start: number, end: number): void {
    const type = header >> 4;
    if (type === PacketType.publish) {
      const topicEnd = start + 2 + uint16At(bytes, start);
      const topic = Buffer.from(bytes.subarray(start + 2, topicEnd)).toString();
      if (end - topicEnd >= STAMP_BYTES) this.received.set(topic, uint32At(bytes, topicEnd + 4));
      return;
    }
    const waiter = this.waiters.get(type);
    this.waiters.delete(type);
    waiter?.(end > start ? bytes[end - 1]! : 0);
  }

  onChunkEnd(): void {
    // Nothing that it receives asks for an answer.
  }

  onClosed(): void {
    this.fail?.(new Error(`${this.clientId}: the connection was closed`));
  }

  private request(bytes: Uint8Array, answerType: number): Promise<number> {
    const answer = new Promise<number>((resolve, reject) => {
      this.waiters.set(answerType, resolve);
      this.fail = reject;
    });
    this.connection.add(bytes);
    this.connection.flush();
    return withinMs(answer, `the answer to ${this.clientId}`, 10_000);
  }
}

/** Ends sessions that are needed no longer. */
export async function endSessions(port: number, clientIds: readonly string[]): Promise<void> {
  await Promise.all(
    clientIds.map(async (clientId) => {
      const client = new CleanClient(port, clientId);
      await client.connect();
      client.leave();
    }),
  );
}
