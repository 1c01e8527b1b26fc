import type { ClientCertificate } from '../../domain/access/client-certificate.js';

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

/** What a transport offers each new stream to; undefined when the stream was refused and destroyed. */
export interface StreamAcceptor {
  accept(stream: ByteStream, listener: ListenerSettings): StreamListener | undefined;
}

/** What a connection takes from the listener that it came by. */
export interface ListenerSettings {
  /** Names it in logs, like mqtt://127.0.0.1:1883. */
  readonly name: string;
  readonly anonymousAllowed: boolean;
}
