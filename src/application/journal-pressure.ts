import type { ConnectedClient } from './connected-client.js';
import type { ClientLink } from './ports/client-link.js';
import type { StoreHealth } from './ports/store-health.js';

/** What a client may add to a journal that is behind before it isn't read from: those who send little aren't held. */
const SHARE_WHILE_BEHIND = 16;

/** Stops reading from clients when the journal has no room for what they do, until it has. */
export class JournalPressure {
  private readonly held = new Set<ClientLink>();
  /** What clients have added since the journal was behind. */
  private readonly added = new Map<ClientLink, number>();

  constructor(private readonly health: StoreHealth) {
    health.onRoom(() => this.release());
  }

  /** Called when something that a client did waits in the journal. */
  hold({ link }: ConnectedClient): void {
    const { isFull, isBehind } = this.health;
    if (isFull || (isBehind && this.addsMoreThanItsShare(link))) this.holdLink(link);
  }

  /** Called when something is to be told of a client; one with a clean session waits for nothing else. */
  holdForTrail({ link, session }: ConnectedClient): void {
    const { isFull, isTrailFull } = this.health;
    if (isTrailFull || (session.durable && isFull)) this.holdLink(link);
  }

  private addsMoreThanItsShare(link: ClientLink): boolean {
    const added = (this.added.get(link) ?? 0) + 1;
    this.added.set(link, added);
    return added > SHARE_WHILE_BEHIND;
  }

  private holdLink(link: ClientLink): void {
    this.held.add(link);
    link.holdReading();
  }

  private release(): void {
    const links = [...this.held];
    this.held.clear();
    this.added.clear();
    for (const link of links) link.resumeReading();
  }
}
