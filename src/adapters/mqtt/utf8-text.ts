import { isUtf8 } from 'node:buffer';

/** What is wrong with a text field: it must be UTF-8 [MQTT-1.5.3-1] without U+0000 [MQTT-1.5.3-2]. */
export function isText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

/** The text of bytes that are text; every character is kept, U+FEFF too [MQTT-1.5.3-3]. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
