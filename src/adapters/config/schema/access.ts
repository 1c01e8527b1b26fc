import { z } from 'zod';

import { optionalText } from './fields.js';

/** What clients may do. */
export const accessSchema = z.strictObject({
  aclFile: optionalText(
    'A file of access rules in the format of mosquitto, relative to the working directory; read anew when it changes. See [access.md](access.md).',
  ),
  roles: z
    .boolean()
    .default(false)
    .describe(
      'Whether roles and their rules are taken from the database: see `surety role`. Takes `persistence: postgres`.',
    ),
  onDeniedPublish: z
    .enum(['ignore', 'disconnect'])
    .default('ignore')
    .describe(
      'What follows a PUBLISH that the client may not make: acknowledge and drop it, or close the connection.',
    ),
});
