import type { ConnectedClient } from './connected-client.js';
import type { ClientLink } from './ports/client-link.js';
import type { StoreHealth } from './ports/store-health.js';

/** Stops reading from clients when the journal has no room for what they do, until it has. */
export class JournalPressure {
  private readonly held = new Set<ClientLink>();

  constructor(private readonly health: StoreHealth) {
    health.onRoom(() => this.release());
  }

  /** Called when something that a client did waits in the journal. */
  hold({ link }: ConnectedClient): void {
    if (this.health.isFull) this.holdLink(link);
  }

  /** Called when something is to be told of a client; one with a clean session waits for nothing else. */
  holdForTrail({ link, session }: ConnectedClient): void {
    const { isFull, isTrailFull } = this.health;
    if (isTrailFull || (session.durable && isFull)) this.holdLink(link);
  }

  private holdLink(link: ClientLink): void {
    this.held.add(link);
    link.holdReading();
  }

  private release(): void {
    const links = [...this.held];
    this.held.clear();
    for (const link of links) link.resumeReading();
  }
}
