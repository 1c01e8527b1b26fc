import { LatencyHistogram } from '../bench/load/latency-histogram.js';
import { Connection, type ConnectionUser } from '../crash/connection.js';
import {
  AckHeader,
  encodeConnect,
  encodePublish,
  encodeSubscribe,
  PacketType,
  STAMP_BYTES,
  uint16At,
  uint32At,
} from '../crash/packets.js';

/** What a canary has measured since it was asked last. */
export interface CanaryReport {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Until the broker acknowledged its messages. */
  readonly ackP99Ms: number;
  /** Messages that have not come back yet. */
  readonly waiting: number;
  /** How late its own timer was (p99): what the machine, and not the broker, keeps it waiting for. */
  readonly ownDelayMs: number;
  readonly isConnected: boolean;
}

const INTERVAL_MS = 10;
const TOPIC = 'canary';
const QOS = 1;

/** A well-behaved client with a durable session: sends itself a message at QoS 1 a hundred times a second, and times it. */
export class Canary implements ConnectionUser {
  private readonly connection: Connection;
  private readonly sentMs = new Map<number, number>();
  private times = new LatencyHistogram();
  private maxMs = 0;
  private readonly unacknowledgedMs = new Map<number, number>();
  private ackTimes = new LatencyHistogram();
  private delays = new LatencyHistogram();
  private number = 0;
  private nextMs = 0;
  private isConnected = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    port: number,
    private readonly onReady: () => void,
  ) {
    this.connection = new Connection(port, this);
    this.connection.add(encodeConnect('canary', false));
    this.connection.add(encodeSubscribe(1, [TOPIC], QOS));
    this.connection.flush();
  }

  onFrame(header: number, bytes: Uint8Array, body: number): void {
    const type = header >> 4;
    if (type === PacketType.suback) this.begin();
    if (type === PacketType.puback) this.acknowledged(uint16At(bytes, body));
    if (type !== PacketType.publish) return;
    const topicEnd = body + 2 + uint16At(bytes, body);
    this.connection.addAck(AckHeader.puback, uint16At(bytes, topicEnd));
    this.cameBack(uint32At(bytes, topicEnd + 2 + 4));
  }

  onChunkEnd(): void {
    this.connection.flush();
  }

  onClosed(): void {
    this.isConnected = false;
    clearInterval(this.timer);
  }

  /** What was measured since the last call. */
  take(): CanaryReport {
    const nowMs = performance.now();
    // What hasn't come back counts for as long as it has taken.
    for (const sentMs of this.sentMs.values()) this.maxMs = Math.max(this.maxMs, nowMs - sentMs);
    const { times, delays, maxMs, isConnected } = this;
    const ms = (fraction: number): number => times.percentileUs(fraction) / 1000;
    const ownDelayMs = delays.percentileUs(0.99) / 1000;
    const ackP99Ms = this.ackTimes.percentileUs(0.99) / 1000;
    this.ackTimes = new LatencyHistogram();
    this.times = new LatencyHistogram();
    this.delays = new LatencyHistogram();
    this.maxMs = 0;
    return {
      ...{ count: times.count, p50Ms: ms(0.5), p99Ms: ms(0.99), maxMs, ackP99Ms, ownDelayMs, isConnected },
      waiting: this.sentMs.size,
    };
  }

  private begin(): void {
    this.isConnected = true;
    this.nextMs = performance.now() + INTERVAL_MS;
    this.timer = setInterval(() => this.tick(), INTERVAL_MS);
    this.onReady();
  }

  private tick(): void {
    const nowMs = performance.now();
    this.delays.record(Math.max(0, Math.round((nowMs - this.nextMs) * 1000)));
    this.nextMs = nowMs + INTERVAL_MS;
    const number = ++this.number;
    this.sentMs.set(number, nowMs);
    const message = {
      topic: TOPIC,
      qos: QOS,
      retain: false,
      source: 0,
      number,
      payloadBytes: STAMP_BYTES,
    } as const;
    const packetId = (number % 65_535) + 1;
    this.unacknowledgedMs.set(packetId, nowMs);
    this.connection.add(encodePublish(message, packetId, false));
    this.connection.flush();
  }

  private acknowledged(packetId: number): void {
    const sentMs = this.unacknowledgedMs.get(packetId);
    this.unacknowledgedMs.delete(packetId);
    if (sentMs !== undefined) this.ackTimes.record(Math.round((performance.now() - sentMs) * 1000));
  }

  private cameBack(number: number): void {
    const sentMs = this.sentMs.get(number);
    if (sentMs === undefined) return;
    this.sentMs.delete(number);
    const tookMs = performance.now() - sentMs;
    this.times.record(Math.round(tookMs * 1000));
    this.maxMs = Math.max(this.maxMs, tookMs);
  }
}
