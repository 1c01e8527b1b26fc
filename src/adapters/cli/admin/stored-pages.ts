import type { Place, Step } from '../../../application/administration/administration.js';
import { EXIT } from '../exit.js';
import { CommandFailure } from '../failure.js';
import type { Row } from './admin-actions.js';

const PAGE = 500;

/** Every item of a list in the database, page by page, as rows. */
export async function* storedPages<T>(
  step: (range: { readonly after: Place; readonly limit: number }) => Promise<Step<T>>,
  rowOf: (item: T) => Row,
): AsyncGenerator<readonly Row[]> {
  for (let after: Place | undefined = { number: -1 }; after !== undefined;) {
    const { items, next }: Step<T> = await step({ after, limit: PAGE });
    yield items.map(rowOf);
    after = next;
  }
}

/** All rows of a list. */
export async function rowsOf(pages: AsyncIterable<readonly Row[]>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

/** What was asked for. @throws CommandFailure when it isn't there. */
export function found<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new CommandFailure(`there is no ${what}`, EXIT.notFound);
}

/** What a change in the database answers, once it is there. */
export const DURABLE: Row = { durable: true };
