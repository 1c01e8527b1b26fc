/** Limits that connections are let in by. */
export interface AdmissionLimits {
  /** Connections open at a time. */
  readonly connectionsMax: number;
  /** Connections open at a time from one address; 0 sets no limit. */
  readonly connectionsPerAddressMax: number;
  /** New connections a second; 0 sets no limit. */
  readonly connectRateMax: number;
  /** New connections a second from one address; 0 sets no limit. */
  readonly connectRatePerAddressMax: number;
}

/** Limits of each client of a listener. */
export interface ClientLimits {
  readonly packetBytesMax: number;
  readonly topicBytesMax: number;
  readonly topicLevelsMax: number;
  readonly filtersPerSubscribeMax: number;
  readonly connectTimeoutSeconds: number;
  readonly outboxBytesMax: number;
  readonly publishRateMax: number;
  readonly publishBytesRateMax: number;
  readonly subscriptionsPerSessionMax: number;
  readonly inflightMax: number;
}

/** What one listener has of its own in place of the general limits; what is absent is as everywhere. */
export type ListenerLimits = {
  readonly [Name in keyof (AdmissionLimits & ClientLimits)]?: number | undefined;
};

/**
 * Sets the limits of a listener anew in an object that others hold, which may lie over the general ones: what is absent
 * shows those again.
 */
export function replaceLimits(held: ListenerLimits, next: ListenerLimits): void {
  for (const name of Object.keys(held)) Reflect.deleteProperty(held, name);
  Object.defineProperties(held, Object.getOwnPropertyDescriptors({ ...next }));
}
