import type {
  ByteStream,
  ListenerSettings,
  StreamAcceptor,
  StreamListener,
} from '../../application/ports/byte-stream.js';
import { countUp } from '../../domain/counters.js';
import { BufferPool } from './buffer-pool.js';
import { CurrentFrame } from './current-frame.js';
import { FlushSchedule } from './flush-schedule.js';
import { Link } from './link.js';
import type { LinkContext } from './link-context.js';
import { TopicCache } from './topic-cache.js';

/** How often everything that depends on time is looked after, in milliseconds. */
const SWEEP_INTERVAL_MS = 250;

/** Speaks MQTT on every stream that a transport offers. */
export class MqttEndpoint implements StreamAcceptor {
  private readonly context: LinkContext;
  private readonly links = new Set<Link>();
  private readonly perAddress = new Map<string, number>();
  private readonly stopSweep: () => void;
  private lastSweepMs: number;

  constructor(shared: Omit<LinkContext, 'pool' | 'schedule' | 'frame' | 'topics'>) {
    this.context = {
      ...shared,
      pool: new BufferPool(),
      schedule: new FlushSchedule(),
      frame: new CurrentFrame(),
      topics: new TopicCache(shared.limits),
    };
    this.lastSweepMs = shared.clock.nowMs();
    this.stopSweep = shared.clock.every(SWEEP_INTERVAL_MS, () => this.sweep());
  }

  get connectionCount(): number {
    return this.links.size;
  }

  accept(stream: ByteStream, listener: ListenerSettings): StreamListener | undefined {
    const { remoteAddress } = stream;
    this.context.broker.counters.connectionsOpened++;
    if (this.isFull(remoteAddress)) {
      const { broker, misbehaviour } = this.context;
      countUp(broker.counters.closed, 'too_many_connections');
      misbehaviour.report('too_many_connections', 'connection refused', { remoteAddress });
      broker.refusedConnection({ remoteAddress, listener: listener.name }, 'too_many_connections');
      stream.destroy();
      return undefined;
    }
    const link = new Link(this.context, stream, { listener, forget: () => this.forget(link) });
    this.links.add(link);
    countUp(this.perAddress, remoteAddress);
    return link;
  }

  /** Ends all connections, after what they were sent is written. */
  closeAll(): void {
    for (const link of [...this.links]) link.close('server_shutdown');
  }

  /** Stops the tick, and cuts the connections that haven't ended yet. */
  stop(): void {
    this.stopSweep();
    for (const link of [...this.links]) link.abandon();
  }

  private isFull(remoteAddress: string): boolean {
    const { connectionsMax, connectionsPerAddressMax } = this.context.limits;
    if (this.links.size >= connectionsMax) return true;
    return (
      connectionsPerAddressMax > 0 && (this.perAddress.get(remoteAddress) ?? 0) >= connectionsPerAddressMax
    );
  }

  private forget(link: Link): void {
    if (!this.links.delete(link)) return;
    const left = (this.perAddress.get(link.remoteAddress) ?? 1) - 1;
    if (left === 0) this.perAddress.delete(link.remoteAddress);
    else this.perAddress.set(link.remoteAddress, left);
  }

  /** One connection that fails doesn't keep the others from being looked after. */
  private sweep(): void {
    const { clock, broker, logger } = this.context;
    const nowMs = clock.nowMs();
    const elapsedMs = nowMs - this.lastSweepMs;
    this.lastSweepMs = nowMs;
    for (const link of this.links) {
      try {
        link.sweep(nowMs, elapsedMs);
      } catch (error) {
        broker.counters.internalErrors++;
        logger.error('a connection could not be looked after', { error: String(error) });
      }
    }
  }
}
