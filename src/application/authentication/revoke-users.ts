import type { BrokerState } from '../broker-state.js';
import type { ConnectedClient } from '../connected-client.js';
import type { EndConnection } from '../end-connection.js';
import type { AdminInbox } from '../ports/admin-inbox.js';
import type { Logger } from '../ports/logger.js';
import type { UserPasswords } from '../ports/user-passwords.js';

/** What `RevokeUsers` works with. */
export interface RevokeUsersDependencies {
  readonly state: BrokerState;
  readonly users: UserPasswords;
  readonly adminInbox: AdminInbox;
  readonly endConnection: EndConnection;
  readonly logger: Logger;
  /** Names of the providers whose users stand in the database, at the moment. */
  readonly providers: () => ReadonlySet<string>;
}

/** Ends the connections of users who were removed or disabled meanwhile. */
export class RevokeUsers {
  constructor(private readonly deps: RevokeUsersDependencies) {}

  start(): void {
    this.deps.adminInbox.onNotice((kind) => {
      if (kind === undefined || kind === 'user.removed' || kind === 'user.changed') void this.look();
    });
  }

  /** Resolves when those who may no longer come in are out, or when that could not be read. */
  async look(): Promise<void> {
    const { logger, users } = this.deps;
    try {
      const clients = this.clientsByUser();
      if (clients.size === 0) return;
      const enabled = await users.enabledOf([...clients.keys()]);
      for (const [name, connected] of clients)
        if (!enabled.has(name))
          for (const client of connected) this.deps.endConnection.cut(client, 'credentials_revoked');
    } catch (error) {
      logger.warn('whether users were disabled could not be read', { reason: String(error) });
    }
  }

  private clientsByUser(): Map<string, ConnectedClient[]> {
    const clients = new Map<string, ConnectedClient[]>();
    const providers = this.deps.providers();
    if (providers.size === 0) return clients;
    for (const client of this.deps.state.clients.values()) {
      const { principal, actor } = client;
      if (principal.name === undefined || !providers.has(actor.authentication ?? '')) continue;
      const ofUser = clients.get(principal.name);
      if (ofUser === undefined) clients.set(principal.name, [client]);
      else ofUser.push(client);
    }
    return clients;
  }
}
