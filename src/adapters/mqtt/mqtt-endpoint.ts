import type { EarlyRefusal } from '../../application/broker.js';
import type { Admission, ListenerSettings, StreamAcceptor } from '../../application/ports/byte-stream.js';
import type { ListenerLimits } from '../../application/ports/listener-limits.js';
import { countUp } from '../../domain/counters.js';
import { Admissions } from './admissions.js';
import { BufferPool } from './buffer-pool.js';
import { CurrentFrame } from './current-frame.js';
import { FairShare } from './fair-share.js';
import { FlushSchedule } from './flush-schedule.js';
import { Link } from './link.js';
import type { LinkContext, LinkOrigin } from './link-context.js';
import type { EndpointLimits } from './link-limits.js';
import { TopicCache } from './topic-cache.js';

/** How often everything that depends on time is looked after, in milliseconds. */
const SWEEP_INTERVAL_MS = 250;

/** What an endpoint is made with. */
export interface EndpointOptions extends Omit<LinkContext, 'pool' | 'schedule' | 'frame' | 'share'> {
  readonly limits: EndpointLimits;
  /** In place of one that goes by the clock. */
  readonly share?: FairShare;
}

/** What the clients of a listener are held to. */
type ClientTerms = Pick<LinkOrigin, 'limits' | 'topics'>;

/** Speaks MQTT on every stream that a transport offers. */
export class MqttEndpoint implements StreamAcceptor {
  private readonly context: LinkContext;
  private readonly links = new Set<Link>();
  private readonly admissions: Admissions;
  private readonly generalTerms: ClientTerms;
  private readonly ownTerms = new Map<ListenerLimits, ClientTerms>();
  private readonly stopSweep: () => void;
  private lastSweepMs: number;

  constructor({ limits, share = new FairShare(), ...shared }: EndpointOptions) {
    this.context = {
      ...shared,
      share,
      pool: new BufferPool(),
      schedule: new FlushSchedule(),
      frame: new CurrentFrame(),
    };
    this.admissions = new Admissions(limits);
    this.generalTerms = { limits, topics: new TopicCache(limits) };
    this.lastSweepMs = shared.clock.nowMs();
    this.stopSweep = shared.clock.every(SWEEP_INTERVAL_MS, () => this.sweep());
  }

  get connectionCount(): number {
    return this.links.size;
  }

  admit(remoteAddress: string, listener: ListenerSettings): Admission | undefined {
    const place = this.context.memory.isFull
      ? 'memory_full'
      : this.admissions.admit(remoteAddress, listener.limits);
    if (typeof place === 'string') {
      this.refused(remoteAddress, listener, place);
      return undefined;
    }
    const release = (): void => place.release();
    return {
      release,
      accept: (stream) => {
        const forget = (): void => {
          this.links.delete(link);
          release();
        };
        const link = new Link(this.context, stream, { listener, forget, ...this.termsOf(listener) });
        this.links.add(link);
        return link;
      },
    };
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

  private refused(remoteAddress: string, { name: listener }: ListenerSettings, reason: EarlyRefusal): void {
    const { broker, misbehaviour } = this.context;
    countUp(broker.counters.closed, reason);
    misbehaviour.report(reason, 'connection refused', { remoteAddress, listener });
    broker.refusedConnection({ remoteAddress, listener }, reason);
  }

  /** Listeners with other topic limits can't share checked topics either. */
  private termsOf({ limits: own }: ListenerSettings): ClientTerms {
    if (own === undefined) return this.generalTerms;
    let terms = this.ownTerms.get(own);
    if (terms === undefined) {
      const limits = { ...this.generalTerms.limits, ...own } as EndpointLimits;
      terms = { limits, topics: new TopicCache(limits) };
      this.ownTerms.set(own, terms);
    }
    return terms;
  }

  /** One connection that fails doesn't keep the others from being looked after. */
  private sweep(): void {
    const { clock, broker, logger, memory } = this.context;
    const nowMs = clock.nowMs();
    const elapsedMs = nowMs - this.lastSweepMs;
    this.lastSweepMs = nowMs;
    memory.check();
    this.admissions.refill(elapsedMs);
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
