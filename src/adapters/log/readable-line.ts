/** Turns one JSON line of the log into one for a person: `12:30:01.250 INFO  broker: client connected  clientId=a port=1883`. */
export function readableLine(jsonLine: string): string {
  const { time, level, component, message, ...fields } = JSON.parse(jsonLine) as Record<string, unknown>;
  const clock = String(time).slice('2000-01-01T'.length, -1);
  const pairs = Object.entries(fields).map(([name, value]) => ` ${name}=${valueText(value)}`);
  const gap = pairs.length > 0 ? ' ' : '';
  return `${clock} ${String(level).toUpperCase().padEnd(5)} ${String(component)}: ${harmless(String(message))}${gap}${pairs.join('')}\n`;
}

function valueText(value: unknown): string {
  const text = String(value);
  const isPlain = typeof value !== 'string' || /^[\w.:/@+-]+$/.test(text);
  return isPlain ? text : harmless(JSON.stringify(text));
}

/** A client chooses its own name: no such text may break the line, or speak to the terminal. */
function harmless(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}
