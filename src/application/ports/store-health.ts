/** How the store does. */
export interface StoreHealth {
  /** Why changes can't be made durable at the moment; undefined when they can. */
  readonly failure: string | undefined;
  /** Calls the listener each time that `failure` sets in. */
  onFailure(listener: () => void): void;
  /** Too much waits to be committed: nobody who adds to it should be read from. */
  readonly isFull: boolean;
  /** Too much of that are events for the audit trail: neither should those who only add to these be. */
  readonly isTrailFull: boolean;
  /** Calls the listener each time that there is room again. */
  onRoom(listener: () => void): void;
}
