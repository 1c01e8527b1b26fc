/** A JSON Schema, as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const text = (description: string, more: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  description,
  ...more,
});
export const integer = (description: string): JsonSchema => ({ type: 'integer', description });
export const flag = (description: string): JsonSchema => ({ type: 'boolean', description });
export const choice = (values: readonly (string | number)[], description: string): JsonSchema => ({
  enum: values,
  type: typeof values[0] === 'number' ? 'integer' : 'string',
  description,
});
export const time = (description: string): JsonSchema => text(description, { format: 'date-time' });

/** An object that has no other fields. @param required All of them where absent. */
export function objectOf(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = Object.keys(properties),
  description?: string,
): JsonSchema {
  const doc = description === undefined ? {} : { description };
  return { type: 'object', ...doc, properties, required, additionalProperties: false };
}

/** Of a message. */
export const qos = choice([0, 1, 2], 'The quality of service.');
export const clientIdParams = objectOf({ clientId: text('The client id, percent-encoded.') });

/** What a change answers with. */
export const changeResult = (more: Readonly<Record<string, JsonSchema>> = {}): JsonSchema =>
  objectOf({
    ...more,
    durable: flag(
      'Whether the change, and its record in the audit trail, are committed. If not, the database is away: they are as soon as it is back.',
    ),
  });

/** Milliseconds since the epoch as RFC 3339. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
