/** The steps of a journey, in order. */
export const ROUND_TRIP_STEPS = ['open', 'connect', 'subscribe', 'publish', 'receive'] as const;
export type RoundTripStep = (typeof ROUND_TRIP_STEPS)[number];

/** How long a journey took, in seconds, or where it ended before its time. */
export type RoundTripOutcome =
  { readonly seconds: number } | { readonly failedAt: RoundTripStep; readonly reason: string };

/** Sends a message through the broker as its clients do, by a socket. */
export interface RoundTrip {
  /** @param msMax Milliseconds after which a journey that hasn't ended has failed. Never rejects. */
  run(msMax: number): Promise<RoundTripOutcome>;
}
