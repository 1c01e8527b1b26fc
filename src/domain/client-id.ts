/** The key of a session; compared exactly, never trimmed or folded [MQTT-3.1.3-2]. */
export type ClientId = string & { readonly __brand: 'ClientId' };

/**
 * Accepts every well-formed client id within the limit, also longer ones and other characters than
 * the standard obliges a server to take [MQTT-3.1.3-5].
 * @param raw Already checked to be valid UTF-8 without U+0000.
 * @returns undefined when it is empty or longer than `bytesMax` bytes in UTF-8.
 */
export function parseClientId(raw: string, bytesMax: number): ClientId | undefined {
  if (raw.length === 0 || utf8Length(raw) > bytesMax) return undefined;
  return raw as ClientId;
}

/** The length of a string in UTF-8, in bytes. Lone surrogates can't occur: the decoder refuses them. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x800) bytes += unit >= 0xd800 && unit <= 0xdfff ? 1 : 2;
    else if (unit >= 0x80) bytes += 1;
  }
  return bytes;
}
