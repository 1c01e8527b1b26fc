import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Place, Step } from '../../application/administration/administration.js';
import { badRequest } from './problem.js';
import { integer, objectOf, text, type JsonSchema } from './schemas.js';

/** What every list is asked with. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** What every list answers with. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Asks for what follows; absent at the end. */
  readonly next?: string;
}

/** Where a walk begins. */
export const START: Place = { number: -1 };
/** A list that finds little among much answers with what it has, and where to go on, after so long. Milliseconds. */
const SEARCH_MS_MAX = 1000;

/** The query of a list. @param limits The default and the most items of a page. */
export function pageQuery(
  filters: Readonly<Record<string, JsonSchema>> = {},
  { fallback, max }: { readonly fallback: number; readonly max: number } = { fallback: 100, max: 1000 },
): JsonSchema {
  const doc = 'The most items. A page may have fewer, and still be followed by another: see `next`.';
  return objectOf(
    {
      ...filters,
      limit: { ...integer(doc), minimum: 1, maximum: max, default: fallback },
      cursor: text('`next` of the page before; absent for the first page.'),
    },
    [],
  );
}

export function pageOf(item: JsonSchema): JsonSchema {
  return objectOf(
    {
      items: { type: 'array', items: item },
      next: text(
        'The cursor of the page that follows. At the end it is absent; until then, a page may be empty.',
      ),
    },
    ['items'],
  );
}

/** Gathers a page from steps, and lets the broker go on with its work between them. */
export async function gather<V, T>(
  { limit, cursor }: PageQuery,
  step: (range: { after: Place; limit: number }) => Step<V> | Promise<Step<V>>,
  toItem: (view: V) => T,
): Promise<Page<T>> {
  const items: T[] = [];
  const deadline = performance.now() + SEARCH_MS_MAX;
  let after: Place | undefined = cursor === undefined ? START : placeOf(cursor);
  while (after !== undefined) {
    const found: Step<V> = await step({ after, limit: limit - items.length });
    items.push(...found.items.map(toItem));
    after = found.next;
    if (items.length >= limit || performance.now() > deadline) break;
    await nextTurn();
  }
  return after === undefined ? { items } : { items, next: cursorOf(after) };
}

function cursorOf({ number, name }: Place): string {
  return Buffer.from(JSON.stringify(name === undefined ? [number] : [number, name])).toString('base64url');
}

function placeOf(cursor: string): Place {
  const [number, name] = parsed(cursor);
  if (Number.isSafeInteger(number) && (name === undefined || typeof name === 'string'))
    return { number: number as number, name };
  throw badRequest('querystring/cursor is none of ours: take `next` of a page as it is, or leave it out');
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
