import { z } from 'zod';

/** The database behind durable sessions. */
export const databaseSchema = z.strictObject({
  url: z
    .string()
    .regex(/^postgres(ql)?:\/\/\S+$/, 'must look like postgres://user:password@host:5432/database')
    .optional()
    .meta({
      description:
        'The PostgreSQL server to use (14 or later). When absent, the broker runs a server of its own in `dataDir`. ' +
        'It holds a password: prefer the environment variable to the file.',
      secret: true,
    }),
});
