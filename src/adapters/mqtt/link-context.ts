import type { Broker } from '../../application/broker.js';
import type { ListenerSettings } from '../../application/ports/byte-stream.js';
import type { Clock } from '../../application/ports/clock.js';
import type { Logger } from '../../application/ports/logger.js';
import type { MisbehaviourLog } from '../../application/ports/misbehaviour-log.js';
import type { BufferPool } from './buffer-pool.js';
import type { CurrentFrame } from './current-frame.js';
import type { FlushSchedule } from './flush-schedule.js';
import type { LinkLimits } from './link-limits.js';
import type { TopicCache } from './topic-cache.js';

/** What all connections share. */
export interface LinkContext {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly misbehaviour: MisbehaviourLog;
  readonly limits: LinkLimits;
  readonly pool: BufferPool;
  readonly schedule: FlushSchedule;
  readonly frame: CurrentFrame;
  readonly topics: TopicCache;
}

/** What a connection takes with it from where it came in. */
export interface LinkOrigin {
  readonly listener: ListenerSettings;
  /** When it came, before any handshake: its CONNECT is waited for from then on. Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Called once, when both sides of the connection have ended. */
  readonly forget: () => void;
}
