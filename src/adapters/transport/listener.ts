/** Takes connections at one address. */
export interface Listener {
  /**
   * @returns the address as a URL, with the port that was taken.
   * @throws Error that says what to do, when the address can't be had.
   */
  start(): Promise<string>;
  /** The port that is listened on; 0 for a Unix socket. */
  readonly port: number;
  /** Takes no more connections; those there are go on. */
  stop(): void;
}
