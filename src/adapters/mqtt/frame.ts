/** One complete packet, fixed header included. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** Where its variable header starts. */
  readonly body: number;
}
