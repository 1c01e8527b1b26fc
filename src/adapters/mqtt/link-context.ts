import type { Broker, MemoryPressure } from '../../application/broker.js';
import type { ListenerSettings } from '../../application/ports/byte-stream.js';
import type { TracedClients } from '../../application/ports/client-traces.js';
import type { Clock } from '../../application/ports/clock.js';
import type { Logger } from '../../application/ports/logger.js';
import type { MisbehaviourLog } from '../../application/ports/misbehaviour-log.js';
import type { BufferPool } from './buffer-pool.js';
import type { CurrentFrame } from './current-frame.js';
import type { FairShare } from './fair-share.js';
import type { FlushSchedule } from './flush-schedule.js';
import type { LinkLimits } from './link-limits.js';
import type { Place } from './places.js';
import type { TopicCache } from './topic-cache.js';

/** What all connections share. */
export interface LinkContext {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly misbehaviour: MisbehaviourLog;
  readonly traces: TracedClients;
  readonly pool: BufferPool;
  readonly schedule: FlushSchedule;
  readonly frame: CurrentFrame;
  readonly memory: MemoryPressure;
  readonly share: FairShare;
  /** Told once of each link, when both sides of its connection have ended: its place is free. */
  readonly forget: (link: object, place: Place) => void;
}

/** What the clients of a listener are held to. */
export interface ClientTerms {
  readonly limits: LinkLimits;
  readonly topics: TopicCache;
}

/** What a connection takes with it from where it came in. */
export interface LinkOrigin extends ClientTerms {
  readonly listener: ListenerSettings;
  /** When it came, before any handshake: its CONNECT is waited for from then on. Milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly place: Place;
}
