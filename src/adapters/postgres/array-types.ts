import type postgres from 'postgres';

/**
 * One-dimensional arrays in PostgreSQL's text form (its manual, 8.15.6), of the types that our statements use. The driver
 * could ask each new connection for all array types; but when that is lost just then, nobody handles the failure of the
 * question, and that ends the process.
 */
export const ARRAY_TYPES = {
  smallints: arrayType(1005, Number),
  integers: arrayType(1007, Number),
  texts: arrayType(1009, String),
  // As text, like a bigint by itself.
  bigints: arrayType(1016, String),
};

type Element = string | number | bigint | boolean | null;

function arrayType<T>(oid: number, element: (text: string) => T): postgres.PostgresType {
  return {
    to: oid,
    from: [oid],
    serialize: (values: readonly Element[]) => `{${values.map(quoted).join(',')}}`,
    parse: (text: string) => elements(text).map((value) => (value === null ? null : element(value))),
  };
}

function quoted(value: Element): string {
  return value === null ? 'NULL' : `"${String(value).replace(/["\\]/g, '\\$&')}"`;
}

function elements(text: string): (string | null)[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|[^{},]+/gs)].map(([whole, inQuotes]) => {
    if (inQuotes !== undefined) return inQuotes.replace(/\\(.)/gs, '$1');
    return whole === 'NULL' ? null : whole;
  });
}
