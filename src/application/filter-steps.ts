import type { AuditRecorder } from './audit-recorder.js';
import type { ConnectedClient } from './connected-client.js';
import type { JournalPressure } from './journal-pressure.js';

/** Topic filters that are worked on in one step: it takes less than a millisecond, and fits into one transaction. */
const FILTERS_A_STEP = 64;

/** What is done with the filters of a SUBSCRIBE or UNSUBSCRIBE. */
interface FilterWork<F> {
  /** @returns when what has changed is durable; undefined if nothing has to be. */
  change(filters: readonly F[]): Promise<void> | undefined;
  /** All are done, and durable. */
  answer(): void;
}

/** Works through the filters of one packet, some at a time, so that others get their turn in between. */
export class FilterSteps {
  constructor(
    private readonly pressure: JournalPressure,
    private readonly audit: AuditRecorder,
  ) {}

  /** If the connection ends before they are done, the rest is left undone, and there is no answer. */
  *of<F>(client: ConnectedClient, filters: readonly F[], work: FilterWork<F>): Generator<undefined, void> {
    const { link } = client;
    let stored: Promise<void> | undefined;
    for (let from = 0; from < filters.length; from += FILTERS_A_STEP) {
      if (from > 0) yield;
      if (client.hasEnded) return;
      const change = work.change(filters.slice(from, from + FILTERS_A_STEP));
      change?.catch(() => link.close('store_unavailable'));
      stored = change ?? stored;
      this.audit.seal();
      this.pressure.holdForTrail(client);
    }
    const answer = (): void => {
      if (!client.hasEnded) work.answer();
    };
    if (stored === undefined) answer();
    // Those before are durable when the last ones are.
    else stored.then(answer, () => undefined);
  }
}
