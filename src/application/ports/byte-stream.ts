import type { ClientCertificate } from '../../domain/access/client-certificate.js';
import type { ListenerLimits } from './listener-limits.js';

/** An ordered, lossless stream of bytes to one peer [MQTT-7.1.1-1], whatever the transport. */
export interface ByteStream {
  /** The peer's address, without the port. */
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

/** What a transport offers each new connection to. */
export interface StreamAcceptor {
  /**
   * Asks for a place for a connection that has just come, before any handshake. Undefined when there is none: that
   * is told already, and the connection has to be destroyed.
   */
  admit(remoteAddress: string, listener: ListenerSettings): Admission | undefined;
}

/** The place of a connection that was let in. */
export interface Admission {
  /** The connection's stream is ready. @returns who listens to it. */
  accept(stream: ByteStream): StreamListener;
  /** The connection is gone, whether or not a stream has come of it; a second call does nothing. */
  release(): void;
}

/** What a connection takes from the listener that it came by. */
export interface ListenerSettings {
  /** Names it in logs, like mqtt://127.0.0.1:1883. */
  readonly name: string;
  readonly anonymousAllowed: boolean;
  /** What it has of its own in place of the general limits. Always the same object for a listener. */
  readonly limits?: ListenerLimits | undefined;
}
