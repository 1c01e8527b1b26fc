import type postgres from 'postgres';
import type { Clock } from '../../application/ports/clock.js';
import { openPool, type Sql } from './connect.js';
import type { DatabaseAddress } from './database-address.js';

/** The channel on which changes from outside the broker are told, by their kind. */
export const ADMIN_CHANNEL = 'surety_admin';

type Listener = (kind: string | undefined) => void;

const RECONNECT_MS = 500;
/** A notice can be lost with a connection that nobody knows to be dead. */
const LOOK_TICKS = 20;

/**
 * Hears of changes that others than the broker make in its database. Whenever something may have been missed, as after a
 * lost connection, it tells of a change without a kind.
 */
export class AdminNotices {
  private readonly listeners: Listener[] = [];
  private connection: Sql | undefined;
  private ticks = 0;
  private stopTicks: (() => void) | undefined;

  constructor(
    private readonly address: DatabaseAddress,
    private readonly clock: Clock,
  ) {}

  /** The first listener has the connection opened. */
  onNotice(listener: Listener): void {
    this.listeners.push(listener);
    if (this.stopTicks !== undefined) return;
    this.stopTicks = this.clock.every(RECONNECT_MS, () => this.tick());
    this.listen();
  }

  async stop(): Promise<void> {
    this.stopTicks?.();
    const { connection } = this;
    this.connection = undefined;
    this.listeners.length = 0;
    await connection?.end({ timeout: 0 }).catch(() => undefined);
  }

  private tick(): void {
    if (this.connection === undefined) this.listen();
    else if (++this.ticks % LOOK_TICKS === 0) this.tell(undefined);
  }

  /**
   * The driver's own `listen` gives up for good when it can't connect again at once, and tells nobody; what it is built
   * on is used here instead.
   */
  private listen(): void {
    const options: postgres.Options<Record<string, never>> & {
      onnotify: (channel: string, kind: string) => void;
    } = {
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      keep_alive: 10,
      onclose: () => this.lost(connection),
      onnotify: (_, kind) => this.tell(kind),
    };
    const connection = openPool(this.address, options);
    this.connection = connection;
    connection.unsafe(`listen ${ADMIN_CHANNEL}`).then(
      () => this.tell(undefined),
      () => this.lost(connection),
    );
  }

  private lost(connection: Sql): void {
    if (connection !== this.connection) return;
    this.connection = undefined;
    void connection.end({ timeout: 0 }).catch(() => undefined);
  }

  private tell(kind: string | undefined): void {
    for (const listener of this.listeners) listener(kind);
  }
}
