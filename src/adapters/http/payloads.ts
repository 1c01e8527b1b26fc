import { isUtf8 } from 'node:buffer';

import { integer, text, type JsonSchema } from './schemas.js';

/** How a payload stands in an answer. */
export interface PayloadFields {
  readonly payloadBytes: number;
  readonly payloadBase64: string;
  readonly payloadText?: string;
}

/** Of each message in a list, so much of the payload is shown at most. Bytes. */
export const SHOWN_BYTES_MAX = 4096;

export const payloadSchemas: Readonly<Record<string, JsonSchema>> = {
  payloadBytes: integer('The length of the whole payload.'),
  payloadBase64: text('The payload in base64; of a long one in a list, its beginning.'),
  payloadText: text('The same as text, if all of it is valid UTF-8 and shown.'),
};

/** A payload, or its beginning where that is longer than may be shown. */
export function payloadFields(payload: Uint8Array, shownBytesMax = Infinity): PayloadFields {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const shown = bytes.subarray(0, shownBytesMax);
  const fields = { payloadBytes: bytes.length, payloadBase64: shown.toString('base64') };
  const isWhole = shown.length === bytes.length && isUtf8(shown);
  return isWhole ? { ...fields, payloadText: shown.toString() } : fields;
}
