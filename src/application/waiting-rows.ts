import type { ConnectedClient } from './connected-client.js';
import type { Limits } from './limits.js';
import type { Publication, RowCount } from './publication.js';

/** Topic and payload bytes that take as long to write as a row. */
const BYTES_PER_ROW = 4096;

/** The rows that wait to be written, and how many of them came from whom. */
export class WaitingRows {
  private total = 0;
  /** Of those only of whom something waits. */
  private readonly shares = new Map<ConnectedClient, Share>();

  /**
   * @param limits How many rows may wait before those have to wait who add most: a few transactions keep the database as
   * busy as a thousand would, and whoever comes now waits for no more than these.
   * @param onRoom Called whenever some are written, and there is room for half as many as there may be.
   */
  constructor(
    private readonly limits: Pick<Limits, 'journalRowsMax'>,
    private readonly onRoom: () => void,
  ) {}

  /**
   * Counts what a client has published, until the broker owns it.
   * @returns whether too much waits, and more than a fair share of it came from this client.
   */
  add(client: ConnectedClient, publication: Publication): boolean {
    const rows = publication.isCounted ? 0 : rowsOf(publication);
    if (rows === 0) return false;
    let share = this.shares.get(client);
    if (share === undefined) this.shares.set(client, (share = new Share(this, client)));
    share.rows += rows;
    this.total += rows;
    publication.countIn(share, rows);
    const { journalRowsMax } = this.limits;
    return this.total > journalRowsMax && share.rows > journalRowsMax / this.shares.size;
  }

  /** They are written, or needn't be any more. */
  removed(rows: number, { client, rows: left }: Share): void {
    this.total -= rows;
    if (left === 0) this.shares.delete(client);
    if (this.total <= this.limits.journalRowsMax / 2) this.onRoom();
  }
}

/** What came from one client. */
class Share implements RowCount {
  rows = 0;

  constructor(
    private readonly all: WaitingRows,
    readonly client: ConnectedClient,
  ) {}

  remove(rows: number): void {
    this.rows -= rows;
    this.all.removed(rows, this);
  }
}

/** The rows that have to be written, whatever receivers do: what is on its way to one is likely to be acknowledged before. */
function rowsOf({ bytes, deliveries, received, retained }: Publication): number {
  let rows = retained === undefined && received === undefined ? 0 : 1;
  for (const { delivery } of deliveries) if (delivery.stage === 'queued') rows++;
  return rows === 0 ? 0 : rows + Math.floor(bytes / BYTES_PER_ROW);
}
