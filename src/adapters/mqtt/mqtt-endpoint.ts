import type {
  Admission,
  Arrival,
  ByteStream,
  ListenerSettings,
  StreamAcceptor,
  StreamListener,
} from '../../application/ports/byte-stream.js';
import { type ListenerLimits, replaceLimits } from '../../application/ports/listener-limits.js';
import { Admissions } from './admissions.js';
import { BufferPool } from './buffer-pool.js';
import { CurrentFrame } from './current-frame.js';
import { FairShare } from './fair-share.js';
import { FlushSchedule } from './flush-schedule.js';
import { Link } from './link.js';
import type { ClientTerms, LinkContext, LinkOrigin } from './link-context.js';
import type { EndpointLimits } from './link-limits.js';
import { TopicCache } from './topic-cache.js';

/** How often everything that depends on time is looked after, in milliseconds. */
const SWEEP_INTERVAL_MS = 250;

/** What an endpoint is made with. */
export interface EndpointOptions extends Omit<
  LinkContext,
  'pool' | 'schedule' | 'frame' | 'share' | 'forget'
> {
  readonly limits: EndpointLimits;
  /** In place of one that goes by the clock. */
  readonly share?: FairShare;
}

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
      forget: (link, place) => {
        this.links.delete(link as Link);
        place.release();
      },
    };
    shared.traces.onChange((clientId) => this.retrace(clientId));
    this.generalTerms = { limits, topics: new TopicCache(limits) };
    this.admissions = new Admissions(this.context, limits, {
      termsOf: (listener) => this.termsOf(listener),
      welcome: (stream, origin) => this.welcome(stream, origin),
    });
    this.lastSweepMs = shared.clock.nowMs();
    this.stopSweep = shared.clock.every(SWEEP_INTERVAL_MS, () => this.sweep());
  }

  get connectionCount(): number {
    return this.admissions.count;
  }

  admit(arrival: Arrival, listener: ListenerSettings): Admission | undefined {
    return this.admissions.admit(arrival, listener);
  }

  /** Limits were set anew, general ones or those of listeners: what was made of them before doesn't count any more. */
  limitsChanged(): void {
    this.generalTerms.topics.forget();
    for (const [own, { limits, topics }] of this.ownTerms) {
      replaceLimits(limits, own);
      topics.forget();
    }
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

  /** A trace of this client was started, or has ended. */
  private retrace(clientId: string): void {
    const trace = this.context.traces.find(clientId);
    for (const link of this.links) if (link.client?.session.clientId === clientId) link.trace(trace);
  }

  private welcome(stream: ByteStream, origin: LinkOrigin): StreamListener {
    const link = new Link(this.context, stream, origin);
    this.links.add(link);
    return link;
  }

  /** Listeners with other topic limits can't share checked topics either. */
  private termsOf({ limits: own }: ListenerSettings): ClientTerms {
    if (own === undefined || Object.keys(own).length === 0) return this.generalTerms;
    let terms = this.ownTerms.get(own);
    if (terms === undefined) {
      // No copy of the general ones, which lie beneath: those that are set anew hold here too.
      const limits = Object.create(this.generalTerms.limits) as EndpointLimits;
      replaceLimits(limits, own);
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
    this.admissions.sweep(nowMs, elapsedMs);
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
