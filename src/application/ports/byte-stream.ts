import type { ListenerLimits } from './listener-limits.js';
import type { ClientCertificate } from '../../domain/access/client-certificate.js';
import type { CloseReason } from '../../domain/close-reason.js';

/** An ordered, lossless stream of bytes to one peer [MQTT-7.1.1-1], whatever the transport. */
export interface ByteStream {
  /** The client's address, without the port; `unix` where it came by a Unix socket. */
  readonly remoteAddress: string;
  /** What the peer has shown to be let in by the transport; undefined where that asks for nothing. */
  readonly certificate: ClientCertificate | undefined;
  /** Bytes written that the network has not taken yet. */
  readonly waitingBytes: number;
  /** Writes bytes, which must not change until they are no longer waiting. */
  write(bytes: Uint8Array): void;
  /** Stops and restarts the flow of `received`. */
  pause(): void;
  resume(): void;
  /** Ends our side after what waits is written. */
  end(): void;
  /** Ends both sides at once; what waits is lost. */
  destroy(): void;
}

/** Who listens to a stream. Nothing is called after `closed`. */
export interface StreamListener {
  /** Bytes from the peer; they don't change afterwards. */
  received(bytes: Uint8Array): void;
  /** Something that was written is on its way. */
  written(): void;
  /** Both sides have ended, in whatever way; called once. */
  closed(): void;
}

/** What a transport tells of each connection as soon as it comes, before any header, handshake or upgrade. */
export interface StreamAcceptor {
  /**
   * Gives a connection its place among those that there may be, and its time to become a stream.
   * @returns undefined when there is no place: that has been told of, and the transport ends the connection.
   */
  admit(arrival: Arrival, listener: ListenerSettings): Admission | undefined;
}

/** A connection that has come, and is no stream yet. */
export interface Arrival {
  /** The peer's address, without the port. */
  readonly address: string;
  /** Whether that is a proxy's, so that limits on one client don't apply to it. */
  readonly isProxy: boolean;
  /** Ends it at once: it takes too long, or the broker stops. */
  destroy(): void;
  /** It has become a stream: nobody has to be told any more when it ends as an arrival. */
  accepted(): void;
}

/** The place of a connection. Whoever has it gives it back: by `refuse`, by `leave`, or through the stream's end. */
export interface Admission {
  /**
   * The client's address, as the proxy has told it.
   * @returns false when that address has no place left: it has been told of, and the transport ends the connection.
   */
  comesFrom(address: string): boolean;
  /** The connection has become a stream. @returns who listens to it from now on. */
  accept(stream: ByteStream): StreamListener;
  /**
   * The transport doesn't let the connection in.
   * @param detail What was wrong in particular: one of a fixed few, never a text that a client chose.
   */
  refuse(reason: CloseReason, detail?: string): void;
  /** The connection has ended before it became a stream. Does nothing after any of the others that end it. */
  leave(): void;
}

/** What a connection takes from the listener that it came by. */
export interface ListenerSettings {
  /** Names it in logs, like mqtt://127.0.0.1:1883. */
  readonly name: string;
  readonly anonymousAllowed: boolean;
  /** What it has of its own in place of the general limits. Always the same object for a listener. */
  readonly limits?: ListenerLimits | undefined;
}
