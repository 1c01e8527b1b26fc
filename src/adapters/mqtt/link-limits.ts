import type { AdmissionLimits, ClientLimits } from '../../application/ports/listener-limits.js';
import type { DecoderLimits } from './packet-decoder.js';

/** How much one connection may have. */
export interface LinkLimits extends DecoderLimits, ClientLimits {
  /** From the start of a connection to its complete CONNECT, in seconds. */
  readonly connectTimeoutSeconds: number;
  /** What may wait for a peer that reads too slowly; past it messages at QoS 0 are dropped. Bytes. */
  readonly outboxBytesMax: number;
  /** How long a peer that is that far behind may take nothing, in seconds. */
  readonly outboxStallSeconds: number;
  /** Messages a second that a client may publish; 0 sets no limit. */
  readonly publishRateMax: number;
  /** Bytes a second that a client may send; 0 sets no limit. */
  readonly publishBytesRateMax: number;
}

/** How much connections may have, one by one and together. */
export interface EndpointLimits extends LinkLimits, AdmissionLimits {}
