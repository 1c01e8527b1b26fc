import { z } from 'zod';

import { host, optionalText, port } from './fields.js';

/** The admin API. */
export const adminSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe(
      'Whether the admin API is served. Without it, commands about sessions and messages can only read what the database holds.',
    ),
  host: host('127.0.0.1', 'The address or host name that serves the API.'),
  port: port(
    0,
    'The TCP port that serves the API; 0 takes any free one, which local commands find by themselves.',
  ),
  allowInsecure: z
    .boolean()
    .default(false)
    .describe(
      'Whether an API that other machines reach may be served without TLS, behind a proxy that sees to it.',
    ),
  tls: z
    .strictObject({
      certFile: optionalText('The certificate (PEM) that the API is served with.'),
      keyFile: optionalText('Its private key (PEM).'),
    })
    .prefault({})
    .describe('TLS for the admin API.'),
});
