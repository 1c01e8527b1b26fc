import type { ConnectedClient } from '../connected-client.js';
import type { EndConnection } from '../end-connection.js';

/** Ends connections whose proof of identity has ended, as that of a token does. */
export class ExpireCredentials {
  private readonly clients = new Map<ConnectedClient, number>();

  constructor(private readonly endConnection: EndConnection) {}

  /** Connections that will end. */
  get size(): number {
    return this.clients.size;
  }

  /** @param expiresAtMs Milliseconds since the epoch. */
  watch(client: ConnectedClient, expiresAtMs: number): void {
    this.clients.set(client, expiresAtMs);
  }

  sweep(nowMs: number): void {
    for (const [client, expiresAtMs] of this.clients) {
      if (client.hasEnded) this.clients.delete(client);
      else if (expiresAtMs <= nowMs) this.expire(client);
    }
  }

  private expire(client: ConnectedClient): void {
    this.clients.delete(client);
    this.endConnection.cut(client, 'credentials_expired');
  }
}
