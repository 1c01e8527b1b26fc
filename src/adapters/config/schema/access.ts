import { z } from 'zod';

/** What clients may do. */
export const accessSchema = z.strictObject({
  onDeniedPublish: z
    .enum(['ignore', 'disconnect'])
    .default('ignore')
    .describe(
      'What follows a PUBLISH that the client may not make: acknowledge and drop it, or close the connection.',
    ),
});
