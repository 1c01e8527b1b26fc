import { messageOf } from '../../domain/message.js';
import type { TopicName } from '../../domain/topic/topic-name.js';
import type { BrokerState } from '../broker-state.js';
import type { Clock } from '../ports/clock.js';
import { LOAD_MINUTES, LoadAverage } from './load-average.js';
import { loadCounts, sysValues } from './sys-values.js';

/** What `SysTopics` works with. */
export interface SysTopicsParts {
  readonly state: BrokerState;
  readonly clock: Clock;
  readonly version: string;
  /** Bytes of memory in use by the program's heap. */
  readonly heapBytes: () => number;
  /** Looked at when it starts; 0 publishes nothing. */
  readonly settings: { readonly intervalSeconds: number };
}

/**
 * The broker's figures on topics below `$SYS/broker/`. Who is subscribed gets what has changed, at QoS 0; who
 * subscribes gets all at once, like retained messages. They live in memory alone: nothing of them is stored or queued.
 */
export class SysTopics {
  private readonly startedMs: number;
  private readonly loads: readonly (readonly [topic: string, load: LoadAverage])[];
  private lastMs: number;
  private heapBytesMax = 0;
  private isStarted = false;
  private stopTicks: (() => void) | undefined;

  constructor(private readonly parts: SysTopicsParts) {
    this.startedMs = this.lastMs = parts.clock.nowMs();
    this.loads = loadCounts(parts.state).map(([topic, count]) => [topic, new LoadAverage(count)]);
  }

  /** Publishes now, and from now on at every interval. */
  start(): void {
    const { clock, settings, version } = this.parts;
    this.isStarted = true;
    if (settings.intervalSeconds === 0) return;
    this.set('version', `surety version ${version}`);
    this.publish();
    this.stopTicks = clock.every(settings.intervalSeconds * 1000, () => this.publish());
  }

  stop(): void {
    this.stopTicks?.();
    this.isStarted = false;
  }

  /** The interval was set anew; where there is none any more, nobody is to take old figures for new ones. */
  intervalChanged(): void {
    if (!this.isStarted) return;
    this.stop();
    this.start();
    const { settings, state } = this.parts;
    if (settings.intervalSeconds > 0) return;
    for (const { retained } of [...state.sysTopics.after(0)]) state.sysTopics.clear(retained.message.topic);
  }

  private publish(): void {
    const { clock, heapBytes, state } = this.parts;
    const nowMs = clock.nowMs();
    const elapsedSeconds = (nowMs - this.lastMs) / 1000;
    this.lastMs = nowMs;
    const heap = heapBytes();
    this.heapBytesMax = Math.max(this.heapBytesMax, heap);
    this.set('uptime', `${Math.floor((nowMs - this.startedMs) / 1000)} seconds`);
    this.set('heap/current', String(heap));
    this.set('heap/maximum', String(this.heapBytesMax));
    for (const [topic, value] of sysValues(state)) this.set(topic, String(value));
    for (const [topic, load] of this.loads) {
      if (elapsedSeconds > 0) load.tick(elapsedSeconds);
      LOAD_MINUTES.forEach((minutes, index) => {
        this.set(`load/${topic}/${minutes}min`, (load.averages[index] ?? 0).toFixed(2));
      });
    }
  }

  /** Publishes a value if it has changed. */
  private set(name: string, text: string): void {
    const { clock, state } = this.parts;
    const topic = `$SYS/broker/${name}` as TopicName;
    const payload = Uint8Array.from(text, (character) => character.charCodeAt(0));
    if (isEqual(state.sysTopics.get(topic)?.message.payload, payload)) return;
    const message = messageOf(topic, payload, 0, true);
    state.sysTopics.set({ message, publishedAtMs: clock.nowMs() });
    for (const { subscriber } of state.subscriptions.match(topic))
      if (subscriber.disconnectedAtMs === undefined) subscriber.offer(message, 0);
  }
}

function isEqual(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a?.length === b.length && b.every((byte, index) => a[index] === byte);
}
