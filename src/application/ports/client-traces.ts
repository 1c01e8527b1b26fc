/** What is to be traced. */
export interface TraceRequest {
  readonly clientId: string;
  /** The trace ends after so long, in seconds. */
  readonly seconds: number;
  /** Or when its file has so many bytes. */
  readonly bytesMax: number;
  /** Whether the payloads of messages are written out; else only their lengths are. */
  readonly payloads: boolean;
}

/** A trace that is running. */
export interface TraceInfo extends TraceRequest {
  readonly id: string;
  /** Its path on the broker's machine. */
  readonly file: string;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  /** What the file has by now. */
  readonly bytes: number;
}

/** A value in a line of a trace. */
export type TraceValue = string | number | boolean | undefined | readonly TraceValue[] | TraceFields;
export interface TraceFields {
  readonly [name: string]: TraceValue;
}

/** Where the packets of one client are written down. Never throws. */
export interface PacketTrace {
  /** Whether payloads are wanted. */
  readonly payloads: boolean;
  /** @param direction As the broker sees it. */
  packet(direction: 'in' | 'out', packet: string, fields?: TraceFields): void;
  /** Something beside packets. */
  event(event: string, fields?: TraceFields): void;
}

/** Who knows which clients are traced; what connections ask. */
export interface TracedClients {
  /** Undefined for nearly all clients. */
  find(clientId: string): PacketTrace | undefined;
  /** Calls the listener whenever `find` has a new answer for a client. */
  onChange(listener: (clientId: string) => void): void;
}

/** Traces of single clients, each to a file of its own. */
export interface ClientTraces extends TracedClients {
  /** @throws Error that says what to do: the client is traced already, too many are, or the file can't be made. */
  start(request: TraceRequest): TraceInfo;
  /** @returns whether there was such a trace. */
  stop(id: string): boolean;
  /** Ends them all: the broker stops. */
  stopAll(): void;
  list(): readonly TraceInfo[];
}
