import { CleanClient } from './clean-client.js';
import { STAMP_BYTES, type TestMessage } from './packets.js';
import type { Surroundings } from './persistent-client.js';
import { Publisher } from './publisher.js';

const SOURCE = 500;
const TOPICS = 8;
const WINDOW = 50;
/** Every so many messages to a topic one clears it. */
const CLEAR_EVERY = 5;

/** Publishes retained messages, one behind the other to each topic, and knows what may be retained. */
export class Retainer {
  readonly publisher: Publisher;
  isPublishing = false;
  private sent = 0;
  private readonly lastAcked = new Array<number>(TOPICS).fill(-1);

  constructor(
    private readonly prefix: string,
    surroundings: Surroundings,
  ) {
    this.publisher = new Publisher(`${prefix}-retainer`, surroundings, {
      window: WINDOW,
      reusesIds: true,
      next: () => (this.isPublishing ? this.messageOf(this.sent++) : undefined),
      onAcked: ({ number }) => {
        this.lastAcked[number % TOPICS] = Math.max(this.lastAcked[number % TOPICS]!, number);
      },
    });
  }

  /** @returns for each topic what a new subscriber should have got but didn't; empty when all is well. */
  async faults(port: number): Promise<string[]> {
    const acked = [...this.lastAcked];
    const client = new CleanClient(port, `${this.prefix}-looker`);
    await client.connect();
    const found = await client.lookUp(`${this.prefix}/retained/#`);
    client.leave();
    return acked.flatMap((lastAcked, topic) => {
      const number = found.get(this.topicOf(topic));
      if (this.mayBeRetained(topic, lastAcked, number)) return [];
      return `${this.topicOf(topic)} retains ${number ?? 'nothing'}, and ${lastAcked} was acknowledged`;
    });
  }

  /** What is retained is the last that was acknowledged, or one that was sent after it. */
  private mayBeRetained(topic: number, lastAcked: number, found: number | undefined): boolean {
    if (found === undefined && lastAcked < 0) return true;
    for (let number = Math.max(lastAcked, topic); number < this.sent; number += TOPICS) {
      if (found === (isClear(number) ? undefined : number)) return true;
    }
    return false;
  }

  private messageOf(number: number): TestMessage {
    const payloadBytes = isClear(number) ? 0 : STAMP_BYTES;
    return {
      topic: this.topicOf(number),
      qos: qosOf(number),
      retain: true,
      source: SOURCE,
      number,
      payloadBytes,
    };
  }

  private topicOf(number: number): string {
    return `${this.prefix}/retained/${number % TOPICS}`;
  }
}

/**
 * One QoS for a topic: where both are mixed, a QoS 1 message that is sent again is published anew, behind the QoS 2
 * messages that the broker remembers by their ids [MQTT-4.3.2-2], and rightly is what the topic retains.
 */
function qosOf(number: number): 1 | 2 {
  return number % 2 === 0 ? 1 : 2;
}

function isClear(number: number): boolean {
  return Math.floor(number / TOPICS) % CLEAR_EVERY === CLEAR_EVERY - 1;
}
