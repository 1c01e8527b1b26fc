import type { ClientId } from '../client-id.js';
import type { Counters } from '../counters.js';
import type { Message } from '../message.js';
import type { QoS } from '../qos.js';
import type { MemorySizes } from './backlog.js';
import type { DeliveryStore } from './delivery-store.js';
import type { DeliveryTrace } from './delivery-trace.js';
import type { SessionLimits } from './session-limits.js';

/** What makes a session. `S` is the session itself. */
export interface SessionTraits<S> {
  /** The session's number in its store; it is never given to another. */
  readonly key: number;
  readonly clientId: ClientId;
  /** Whether it outlives its connection (CleanSession 0) [MQTT-3.1.2-4] [MQTT-3.1.2-6]. */
  readonly durable: boolean;
  readonly limits: SessionLimits;
  readonly counters: Counters;
  /** Where it keeps what it owes; undefined when that is its memory alone. */
  readonly store: DeliveryStore | undefined;
  readonly memory?: MemorySizes;
  /** Is told when the queue begins to let messages go; `overflow` has their number. */
  readonly onOverflow?: (session: S) => void;
  /** Is asked for each retained message that answers a subscription; undefined when nothing follows it. */
  readonly traceReplay?: ReplayTracer<S>;
}

/** Has the audit trail follow a retained message to a new subscriber. */
export type ReplayTracer<S> = (session: S, message: Message, qos: QoS) => DeliveryTrace | undefined;
