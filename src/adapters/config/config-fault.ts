/** Where a fault comes from: a place in the file (lines and columns count from 1), the file as a whole, or a variable. */
export type FaultPlace =
  | { readonly file: string; readonly line: number; readonly column: number }
  | { readonly file: string }
  | { readonly variable: string };

/** One thing that is wrong with a configuration. A value: expected, and shown to the operator as it is. */
export interface ConfigFault {
  readonly place: FaultPlace;
  /** What is wrong; starts with the key, where there is one. Never holds a secret. */
  readonly problem: string;
  /** What the operator can do about it. */
  readonly action: string;
}

/** One line for the operator, in the form that editors and terminals make a link of: `file:line:column: ...`. */
export function faultText({ place, problem, action }: ConfigFault): string {
  return `${placeText(place)}: ${problem}; ${action}`;
}

/** A place in one line. */
export function placeText(place: FaultPlace): string {
  if ('variable' in place) return place.variable;
  return 'line' in place ? `${place.file}:${place.line}:${place.column}` : place.file;
}
