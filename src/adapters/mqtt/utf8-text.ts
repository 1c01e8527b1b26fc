import { isUtf8 } from 'node:buffer';

const FIRST_BEYOND_ASCII = 0x80;

/** What is wrong with a text field: it must be UTF-8 [MQTT-1.5.3-1] without U+0000 [MQTT-1.5.3-2]. */
export function isText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

/** The text of bytes that are text; every character is kept, U+FEFF too [MQTT-1.5.3-3]. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}

/**
 * The text that stands in a range of bytes. No view is made of ASCII, which most texts are: very many may come in one packet.
 * @returns undefined where it isn't text.
 */
export function textIn(bytes: Buffer, start: number, end: number): string | undefined {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte > 0 && byte < FIRST_BEYOND_ASCII) continue;
    const range = bytes.subarray(start, end);
    return isText(range) ? textOf(range) : undefined;
  }
  return bytes.toString('latin1', start, end);
}
