import { z } from 'zod';

import { configSchema } from './config.js';

/** The text of docs/configuration.schema.json: what editors complete and check a configuration file with. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    // The newest that editors' YAML support reads throughout.
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      delete jsonSchema['secret'];
      // Every whole number of JavaScript has this bound.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const { $schema, ...rest } = schema;
  return `${JSON.stringify({ $schema, title: 'The configuration of Surety', ...rest }, undefined, 2)}\n`;
}
