/** Those that mean something in a filter. */
// eslint-disable-next-line no-control-regex
const ACTIVE_CHARACTERS = /[\\*()\u0000]/g;

/** A text as a value in a search filter (RFC 4515): nothing in it is an operator or a wildcard. */
export function escapeFilterValue(text: string): string {
  return text.replace(
    ACTIVE_CHARACTERS,
    (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** A text as a value in a distinguished name (RFC 4514): nothing in it ends the value. */
export function escapeDnValue(text: string): string {
  return text
    .replace(/["+,;<>\\=]/g, '\\$&')
    .replaceAll('\u0000', '\\00')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ');
}

/** Puts values into the places `${name}` of a template, each made harmless. */
export function filled(
  template: string,
  values: Readonly<Record<string, string>>,
  escape: (text: string) => string,
): string {
  return template.replace(/\$\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    return value === undefined ? place : escape(value);
  });
}
