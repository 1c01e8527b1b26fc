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
    if (!this.health.isFull) return;
    this.held.add(link);
    link.holdReading();
  }

  private release(): void {
    const links = [...this.held];
    this.held.clear();
    for (const link of links) link.resumeReading();
  }
}
