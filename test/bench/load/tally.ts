import { LatencyHistogram } from './latency-histogram.js';

/** What all connections of a run count together; one object, so that the hot path touches plain fields. */
export class Tally {
  /** Messages received from each publisher, over all subscribers, since the start. */
  readonly received: Float64Array;
  readonly latencies = new LatencyHistogram();
  /** From writing a message to the packet that ends its handshake: PUBACK or PUBCOMP. */
  readonly ackLatencies = new LatencyHistogram();
  /** True between the end of the warm-up and the end of the measurement. */
  measuring = false;
  /** Messages received while measuring. */
  delivered = 0;
  /** Messages whose number wasn't the next one of their publisher. */
  misordered = 0;
  /** Handshakes of publishers that were completed while measuring; none at QoS 0. */
  completed = 0;
  /** The time of the chunk or batch at hand: microseconds modulo 2^32, read once for all of its messages. */
  nowUs = 0;

  constructor(publishers: number) {
    this.received = new Float64Array(publishers);
  }

  /** Reads the monotonic clock into `nowUs`. */
  readClock(): void {
    this.nowUs = (performance.now() * 1000) >>> 0;
  }
}
