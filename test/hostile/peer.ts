import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectPacket, type ConnectFields } from '../support/packets.js';

/** What an attack is aimed at, and how hard it hits. */
export interface Target {
  readonly port: number;
  readonly webSocketPort: number;
  readonly seconds: number;
  /** Connections of the attacks that come by the thousand. */
  readonly clients: number;
}

/** An attack; resolves with what it has done. */
export type Attack = (target: Target) => Promise<string>;

const CONNECT_MS_MAX = 20_000;
const SEND_MS_MAX = 20_000;
/** New connections that one attacker has under way at a time. */
const DIALS_MAX = 500;

/** A connection of an attacker: it reads and throws away what comes, and never fails. */
export class Peer {
  readonly opened: Promise<boolean>;
  readonly ended: Promise<void>;
  readonly socket: Socket;

  constructor(port: number) {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket = socket;
    socket.setTimeout(CONNECT_MS_MAX, () => socket.connecting && socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
    this.opened = new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('close', () => resolve(false));
    });
  }

  get isOpen(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }

  /** Opens a connection and has a CONNECT accepted; undefined when it is refused. */
  static async connected(port: number, fields: ConnectFields = {}): Promise<Peer | undefined> {
    const peer = new Peer(port);
    peer.socket.write(connectPacket(fields));
    const answered = new Promise<void>((resolve) => peer.socket.once('data', () => resolve()));
    await Promise.race([answered, peer.ended]);
    return peer.isOpen ? peer : undefined;
  }

  /** Writes as fast as the broker reads, until the time is up or the connection ends. @returns how often. */
  async flood(packets: () => Uint8Array, deadlineMs: number): Promise<number> {
    let count = 0;
    while (this.isOpen && performance.now() < deadlineMs) {
      count++;
      await this.send(packets(), deadlineMs);
    }
    return count;
  }

  /** Writes, and waits until the broker has taken most of it, or the time is up. */
  async send(bytes: Uint8Array, deadlineMs = performance.now() + SEND_MS_MAX): Promise<void> {
    if (!this.socket.write(bytes)) await this.drained(deadlineMs);
    else await pause(0);
  }

  destroy(): void {
    this.socket.destroy();
  }

  private async drained(deadlineMs: number): Promise<void> {
    const isDrained = new Promise<void>((resolve) => this.socket.once('drain', () => resolve()));
    const end = new AbortController();
    const late = pause(Math.max(0, deadlineMs - performance.now()), undefined, { signal: end.signal });
    await Promise.race([isDrained, this.ended, late.catch(() => undefined)]);
    end.abort();
    this.socket.removeAllListeners('drain');
  }
}

/** Makes so many, some at a time. */
export async function many<T>(
  count: number,
  make: (index: number) => Promise<T>,
  atATime = DIALS_MAX,
): Promise<T[]> {
  const made: T[] = [];
  for (let from = 0; from < count; from += atATime) {
    const indexes = Array.from({ length: Math.min(atATime, count - from) }, (_, i) => from + i);
    made.push(...(await Promise.all(indexes.map(make))));
  }
  return made;
}

/** Clients that are let in. */
export async function clients(
  port: number,
  count: number,
  fields: (index: number) => ConnectFields = () => ({}),
): Promise<Peer[]> {
  const peers = await many(count, (index) => Peer.connected(port, fields(index)));
  return peers.filter((peer) => peer !== undefined);
}

/** Ends connections, and waits until they have ended. */
export async function endAll(peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) peer.destroy();
  await Promise.all(peers.map(({ ended }) => ended));
}

/** Floods on a number of connections at once, and ends them. @returns how many bursts were taken. */
export async function floodAll(
  peers: readonly Peer[],
  deadlineMs: number,
  burst: (peer: number) => Uint8Array,
): Promise<number> {
  const counts = await Promise.all(peers.map((peer, i) => peer.flood(() => burst(i), deadlineMs)));
  await endAll(peers);
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A packet identifier for the i-th packet, counted from 0. */
export function idAt(i: number): number {
  return (i % 65_535) + 1;
}

/** The time at which an attack ends, as `performance.now` counts. */
export function deadlineOf({ seconds }: Target): number {
  return performance.now() + seconds * 1000;
}
