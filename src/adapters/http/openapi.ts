import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

const DESCRIPTION = `What an operator may ask of a running broker.

Every call carries a token: \`Authorization: Bearer ...\`. A token has a scope: \`read\`, \`operate\` or \`administer\`, each of which includes those
before it. Calls that change something, and calls that are refused, stand in the audit trail.

Lists come in pages. A page has \`next\` while there is more: ask for it with \`cursor\`. A walk by cursor meets everything that is there from its beginning
to its end exactly once, whatever comes and goes meanwhile. A page may have fewer items than \`limit\`, or none, and still have \`next\`.

Whatever fails is told as a problem (RFC 9457). Every answer has the header \`x-request-id\`.`;

/** How the document is made from the routes. */
export function openApiOptions(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Surety admin API', version, description: DESCRIPTION, license: { name: 'Apache-2.0' } },
      servers: [{ url: '/', description: 'The broker: `admin.host` and `admin.port`.' }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
  };
}
