import type { ClientId } from '../../src/domain/client-id.js';
import { Counters } from '../../src/domain/counters.js';
import type { QoS } from '../../src/domain/qos.js';
import type { MemorySizes } from '../../src/domain/session/backlog.js';
import type { Delivery } from '../../src/domain/session/delivery.js';
import type { StoredBacklog } from '../../src/domain/session/delivery-store.js';
import { Session } from '../../src/domain/session/session.js';
import type { SessionLimits } from '../../src/domain/session/session-limits.js';
import { FakeDeliveryStore } from './fake-delivery-store.js';
import { NumberedMessage, serialOf, StoredClient } from './stored-client.js';

/** What the model looks at inside a session, as nothing outside tells it. */
interface Inside {
  readonly queue: { readonly length: number };
  readonly inflight: { readonly size: number; inOrder(): Delivery[] };
  readonly backlog: { readonly state: string; readonly bridge: { readonly length: number } };
}

/** One step of a scenario; see `StoredSessionModel.take`. */
export type ModelStep =
  | { readonly kind: 'offer'; readonly count: number; readonly qos: readonly QoS[] }
  | { readonly kind: 'journal' | 'commit'; readonly count: number }
  | { readonly kind: 'reader'; readonly count: number }
  | { readonly kind: 'read' | 'answer'; readonly count: number }
  | { readonly kind: 'settle-down' | 'connect' | 'drop' | 'restart' | 'orderly-restart' }
  | { readonly kind: 'writable'; readonly isWritable: boolean };

/** A stored session between its store and its client, each as slow and as unreliable as a scenario has it. */
export class StoredSessionModel {
  readonly store = new FakeDeliveryStore();
  readonly counters = new Counters();
  readonly client: StoredClient;
  /** Serials that the session has taken on, by QoS. */
  readonly taken: Record<1 | 2, number[]> = { 1: [], 2: [] };
  refused = 0;
  /** The backlog's changes of state that have been seen, as `from > to`. */
  readonly transitions = new Set<string>();
  private readonly limits: SessionLimits;
  private session: Session;
  private serial = 0;
  private lastState = 'empty';
  /** The connection that waits for the store. */
  private connecting: object | undefined;

  constructor(
    limits: Partial<SessionLimits>,
    private readonly memory: MemorySizes,
  ) {
    this.limits = {
      ...{ inflightMax: 10, queueMessagesMax: 1e6, queueBytesMax: 1e9, queuePolicy: 'dropOldest' },
      ...limits,
    };
    this.session = this.newSession();
    this.client = new StoredClient(this.session, this.store, this.limits.inflightMax);
  }

  take(step: ModelStep): void {
    const { client, store } = this;
    if (step.kind === 'offer') this.offer(step.count, step.qos);
    else if (step.kind === 'journal') this.act(() => store.stepJournal(step.count));
    else if (step.kind === 'commit')
      for (let phase = 0; phase < 3; phase += 1) this.act(() => store.stepJournal(step.count));
    else if (step.kind === 'reader') this.act(() => store.stepReader(step.count));
    else if (step.kind === 'read') client.read(step.count);
    else if (step.kind === 'answer') this.act(() => client.answer(step.count));
    else if (step.kind === 'writable') this.act(() => client.setWritable(step.isWritable));
    else if (step.kind === 'connect' && !this.isPresent) this.connect();
    else if (step.kind === 'drop' && this.isPresent) this.drop();
    else if (step.kind === 'settle-down') this.settleDown();
    else if (step.kind === 'restart') this.restart();
    else if (step.kind === 'orderly-restart') {
      this.settleDown();
      this.restart();
    }
    this.checkMemory();
  }

  /** The broker ends as in a crash, and starts anew on what was committed. */
  restart(): void {
    this.store.crash();
    this.connecting = undefined;
    if (this.client.isConnected) this.client.drop();
    const wasPresent = this.store.sentThrough === undefined;
    this.session = this.newSession();
    this.lastState = 'empty';
    const rows = [...this.store.rows.values()].map(({ delivery }) => delivery);
    const last = rows.at(-1);
    // As the broker's start writes it for a client that its end cut off.
    this.store.sentThrough ??= last?.sequence ?? -1;
    this.session.restore(storedBacklog(rows), this.store.sentThrough);
    if (wasPresent) for (const { message } of rows) this.client.restored.add(serialOf(message));
    this.client.session = this.session;
    this.noteState();
  }

  /** The journal and the reader do all that there is to do. The counters are checked then. */
  settleDown(): void {
    for (let steps = 0; !this.store.isQuiet; steps += 1) {
      if (steps > 100_000) throw new Error('the store never comes to rest');
      this.act(() => (this.store.hasReads ? this.store.stepReader(0) : this.store.stepJournal(1e6)));
    }
    this.checkCounters();
  }

  /** The client comes back, stays, and acknowledges everything. */
  finish(): void {
    if (!this.isPresent) this.connect();
    this.settleDown();
    this.act(() => this.client.setWritable(true));
    this.settleDown();
    for (let idle = 0; this.session.owedCount > 0;) {
      const before = this.session.owedCount;
      this.client.read(1e6);
      this.act(() => this.client.answer(1e6));
      this.settleDown();
      idle = this.session.owedCount < before ? 0 : idle + 1;
      // PUBREC, PUBCOMP: two rounds may settle nothing yet.
      if (idle > 4) throw new Error(`${this.session.owedCount} are never delivered`);
    }
    if (this.store.rows.size > 0) throw new Error(`${this.store.rows.size} rows are left in the store`);
  }

  /** Serials that the session gave up in a full queue. */
  gaveWay(): number[] {
    return this.store.gaveWay.map(({ message }) => serialOf(message));
  }

  /** Serials that a restart may have lost: nobody was told that they are kept. */
  lost(): number[] {
    return this.store.lost.map(({ message }) => serialOf(message));
  }

  private offer(count: number, pattern: readonly QoS[]): void {
    for (let i = 0; i < count; i += 1) {
      const qos = pattern[i % pattern.length] as 1 | 2;
      const serial = (this.serial += 1);
      const delivery = this.session.offer(new NumberedMessage(serial, qos), qos);
      if (delivery === undefined) {
        this.refused += 1;
      } else {
        this.taken[qos].push(serial);
        this.store.append(delivery);
      }
      this.noteState();
    }
    this.client.collect();
  }

  /** It is let in when the store knows that it is there. */
  private connect(): void {
    const attempt = {};
    this.connecting = attempt;
    this.store.setPresence(undefined, () => {
      if (this.connecting !== attempt) return;
      this.connecting = undefined;
      this.client.connect();
    });
  }

  private drop(): void {
    this.connecting = undefined;
    if (this.client.isConnected) this.act(() => this.client.drop());
    this.store.setPresence(this.session.sentThrough);
  }

  private act(action: () => void): void {
    action();
    this.client.collect();
    this.noteState();
  }

  private newSession(): Session {
    const { limits, counters, store, memory } = this;
    const traits = { key: 1, clientId: 'c' as ClientId, durable: true, limits, counters, store, memory };
    const session = new Session(traits);
    store.session = session;
    return session;
  }

  private get isPresent(): boolean {
    return this.client.isConnected || this.connecting !== undefined;
  }

  private get inside(): Inside {
    return this.session as unknown as Inside;
  }

  private noteState(): void {
    const { state } = this.inside.backlog;
    if (state !== this.lastState) this.transitions.add(`${this.lastState} > ${state}`);
    this.lastState = state;
  }

  /** In flight, and a full queue, or half of one with a page and a bridge. */
  private checkMemory(): void {
    const { queue, inflight, backlog } = this.inside;
    const { queueMessages, pageMessages, bridgeMessages } = this.memory;
    const inMemory = queue.length + inflight.size + backlog.bridge.length;
    const most = Math.max(queueMessages, queueMessages / 2 + pageMessages + bridgeMessages);
    if (inMemory > this.limits.inflightMax + most) throw new Error(`${inMemory} messages are in memory`);
  }

  /** When all is told, the session knows exactly what stands in the store. */
  private checkCounters(): void {
    const { rows } = this.store;
    let messages = rows.size;
    let bytes = this.store.rowBytes;
    for (const { sequence, message } of this.inside.inflight.inOrder()) {
      if (!rows.has(sequence)) continue;
      messages -= 1;
      bytes -= message.queueBytes;
    }
    const { waitingCount, waitingBytes } = this.session;
    if (waitingCount !== messages) throw new Error(`counts ${waitingCount} messages, ${messages} wait`);
    if (waitingBytes !== bytes) throw new Error(`counts ${waitingBytes} bytes, ${bytes} wait`);
  }
}

function storedBacklog(rows: readonly Delivery[]): StoredBacklog | undefined {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const bytes = rows.reduce((sum, { message }) => sum + message.queueBytes, 0);
  return { messages: rows.length, bytes, firstSequence: first.sequence, lastSequence: last.sequence };
}
