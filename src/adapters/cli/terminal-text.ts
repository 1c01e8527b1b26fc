/** What a terminal may take for a command (C0, DEL, C1), or what changes the order in which it shows a text. */
// eslint-disable-next-line no-control-regex
const COMMANDS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** A text that is shown as it is and does nothing else; lines and tabs stay. What was JSON still says the same. */
export function forTerminal(text: string): string {
  return text.replace(COMMANDS, (sign) => (sign === '\n' || sign === '\t' ? sign : escaped(sign)));
}

/** The same on one line. */
export function onOneLine(text: string): string {
  return text.replace(COMMANDS, escaped);
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
