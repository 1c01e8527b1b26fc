import type {
  Admission,
  Arrival,
  ByteStream,
  ListenerSettings,
  StreamAcceptor,
  StreamListener,
} from '../../application/ports/byte-stream.js';
import { Admissions } from './admissions.js';
import { BufferPool } from './buffer-pool.js';
import { CurrentFrame } from './current-frame.js';
import { FlushSchedule } from './flush-schedule.js';
import { Link } from './link.js';
import type { LinkContext, LinkOrigin } from './link-context.js';
import { TopicCache } from './topic-cache.js';

/** How often everything that depends on time is looked after, in milliseconds. */
const SWEEP_INTERVAL_MS = 250;

/** Speaks MQTT on every stream that a transport offers. */
export class MqttEndpoint implements StreamAcceptor {
  private readonly context: LinkContext;
  private readonly links = new Set<Link>();
  private readonly admissions: Admissions;
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
    this.admissions = new Admissions(this.context, (stream, origin) => this.welcome(stream, origin));
    this.lastSweepMs = shared.clock.nowMs();
    this.stopSweep = shared.clock.every(SWEEP_INTERVAL_MS, () => this.sweep());
  }

  get connectionCount(): number {
    return this.admissions.count;
  }

  admit(arrival: Arrival, listener: ListenerSettings): Admission | undefined {
    return this.admissions.admit(arrival, listener);
  }

  /** Ends all connections, after what they were sent is written. */
  closeAll(): void {
    this.admissions.closeAll();
    for (const link of [...this.links]) link.close('server_shutdown');
  }

  /** Stops the tick, and cuts the connections that haven't ended yet. */
  stop(): void {
    this.stopSweep();
    for (const link of [...this.links]) link.abandon();
  }

  private welcome(stream: ByteStream, origin: LinkOrigin): StreamListener {
    const forget = (): void => {
      if (this.links.delete(link)) origin.forget();
    };
    const link = new Link(this.context, stream, { ...origin, forget });
    this.links.add(link);
    return link;
  }

  /** One connection that fails doesn't keep the others from being looked after. */
  private sweep(): void {
    const { clock, broker, logger } = this.context;
    const nowMs = clock.nowMs();
    const elapsedMs = nowMs - this.lastSweepMs;
    this.lastSweepMs = nowMs;
    this.admissions.sweep(nowMs);
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
