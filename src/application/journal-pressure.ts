import type { Counters } from '../domain/counters.js';
import type { ConnectedClient } from './connected-client.js';
import type { Limits } from './limits.js';
import type { ClientLink } from './ports/client-link.js';
import type { StoreHealth } from './ports/store-health.js';
import type { Publication } from './publication.js';
import { WaitingRows } from './waiting-rows.js';

/**
 * Stops reading from clients when the journal has no room for what they do, until it has. There are two limits: of bytes,
 * for the memory, which holds everybody who adds to them; and of rows, for everybody's time, which holds those who add
 * most.
 */
export class JournalPressure {
  private readonly held = new Set<ClientLink>();
  private readonly waiting: WaitingRows;

  constructor(
    private readonly health: StoreHealth,
    limits: Pick<Limits, 'journalRowsMax'>,
    private readonly counters: Pick<Counters, 'slowed'>,
  ) {
    this.waiting = new WaitingRows(limits, () => this.releaseIfRoom());
    health.onRoom(() => this.release());
    // While the database is away, to hold some spares nobody else any waiting.
    health.onFailure(() => this.releaseIfRoom());
  }

  /** Called when what a client has published waits in the journal. */
  hold(client: ConnectedClient, publication: Publication): void {
    const isTooMuch = this.waiting.add(client, publication) && this.health.failure === undefined;
    if (isTooMuch || this.health.isFull) this.holdLink(client.link);
  }

  /** Called when something is to be told of a client; one with a clean session waits for nothing else. */
  holdForTrail({ link, session }: ConnectedClient): void {
    const { isFull, isTrailFull } = this.health;
    if (isTrailFull || (session.durable && isFull)) this.holdLink(link);
  }

  private holdLink(link: ClientLink): void {
    if (!this.held.has(link)) this.counters.slowed.journal++;
    this.held.add(link);
    link.holdReading();
  }

  private releaseIfRoom(): void {
    if (this.held.size > 0 && !this.health.isFull && !this.health.isTrailFull) this.release();
  }

  private release(): void {
    const links = [...this.held];
    this.held.clear();
    for (const link of links) link.resumeReading();
  }
}
