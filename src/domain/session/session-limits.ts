/** How much one session may hold. */
export interface SessionLimits {
  /** Deliveries sent and unsettled at a time, 1 to 65,535. */
  readonly inflightMax: number;
  /** Deliveries that wait for the window. */
  readonly queueMessagesMax: number;
  /** Topic and payload bytes of the deliveries that wait for the window. */
  readonly queueBytesMax: number;
  /** What gives way when the queue is full; `refuse` leaves the publish unacknowledged. */
  readonly queuePolicy: 'dropOldest' | 'dropNewest' | 'refuse';
}

/** Retained messages handed out in one go, so that a wide filter doesn't hold up everybody else. */
export const REPLAY_STEP_MESSAGES = 200;
/** Topic and payload bytes of the waiting deliveries that a connected session with a store keeps in memory. */
export const MEMORY_QUEUE_BYTES = 262_144;
