/** Who a client has proved to be. */
export interface Principal {
  /** The user name, certificate name, or the like; undefined for an anonymous client. */
  readonly name: string | undefined;
}

/** A client that was let in without credentials. */
export const ANONYMOUS: Principal = { name: undefined };
