import { Connection, type ConnectionUser } from './connection.js';
import { DISCONNECT, encodeConnect, PacketType } from './packets.js';

/** What clients share in a run. */
export interface Surroundings {
  /** Where the broker listens; undefined while it doesn't. */
  port: number | undefined;
  /** Breaches of the protocol or of the broker's promises that are no lost or repeated message. */
  readonly violations: string[];
}

const RETRY_MS = 25;
const CONNACK_UNAVAILABLE = 3;

/**
 * A client, as a rule with CleanSession 0, that keeps its side of the session over all its connections. While it is wanted
 * online it connects again and again.
 *
 *   offline ──wanted──▶ connecting ──CONNACK 0──▶ online ──cut, or the broker is gone──▶ offline
 */
export abstract class PersistentClient implements ConnectionUser {
  protected connection: Connection | undefined;
  private state: 'offline' | 'connecting' | 'online' = 'offline';
  private isWanted = false;
  private isKnown = false;
  private retry: NodeJS.Timeout | undefined;

  constructor(
    readonly clientId: string,
    protected readonly surroundings: Surroundings,
    private readonly cleanSession = false,
  ) {}

  get isOnline(): boolean {
    return this.state === 'online';
  }

  goOnline(): void {
    this.isWanted = true;
    if (this.state === 'offline') this.connect();
  }

  /** Cuts the connection without a DISCONNECT. */
  cut(): void {
    this.isWanted = false;
    this.connection?.cut();
    this.offline();
  }

  /** Cuts the connection, and comes back at once. */
  reconnect(): void {
    this.cut();
    this.goOnline();
  }

  /** Ends the connection with a DISCONNECT. */
  leave(): void {
    this.isWanted = false;
    if (this.state === 'online') this.connection?.end(DISCONNECT);
    else this.connection?.cut();
    this.offline();
  }

  onFrame(header: number, bytes: Uint8Array, start: number, end: number): void {
    const type = header >> 4;
    if (type === PacketType.connack) this.onConnack(bytes[start]!, bytes[start + 1]!);
    else if (this.state === 'online') this.onPacket(header, bytes, start, end);
    else this.surroundings.violations.push(`${this.clientId}: packet of type ${type} before CONNACK`);
  }

  abstract onChunkEnd(): void;

  onClosed(): void {
    this.offline();
    if (this.isWanted) this.connectLater();
  }

  /** CONNACK 0 has come: the time to send again what is unacknowledged. */
  protected abstract onOnline(): void;
  protected abstract onPacket(header: number, bytes: Uint8Array, start: number, end: number): void;

  private connect(): void {
    const { port } = this.surroundings;
    if (port === undefined) {
      this.connectLater();
      return;
    }
    this.state = 'connecting';
    this.connection = new Connection(port, this);
    this.connection.add(encodeConnect(this.clientId, this.cleanSession));
    this.connection.flush();
  }

  private connectLater(): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      if (this.isWanted && this.state === 'offline') this.connect();
    }, RETRY_MS);
  }

  private onConnack(flags: number, code: number): void {
    const { violations } = this.surroundings;
    if (code !== 0) {
      if (code !== CONNACK_UNAVAILABLE) violations.push(`${this.clientId}: CONNACK with return code ${code}`);
      return;
    }
    if (this.isKnown && flags !== 1) violations.push(`${this.clientId}: its session is gone`);
    this.isKnown = true;
    this.state = 'online';
    this.onOnline();
  }

  private offline(): void {
    clearTimeout(this.retry);
    this.state = 'offline';
    this.connection = undefined;
  }
}
