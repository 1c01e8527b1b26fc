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
