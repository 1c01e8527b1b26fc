import { isIP } from 'node:net';
import { z } from 'zod';

import { host, optionalText, port } from './fields.js';
import { listenerLimitsSchema } from './listener-limits.js';

const tlsSchema = z.strictObject({
  certFile: optionalText(
    'The certificate of this listener (PEM), with those between it and the authority behind it. Needed.',
  ),
  keyFile: optionalText('The private key of that certificate (PEM), without a passphrase. Needed.'),
  clientCertificates: z
    .enum(['off', 'optional', 'required'])
    .default('off')
    .describe(
      'Whether clients show a certificate. `optional`: those who show one that is not good are refused all the same.',
    ),
  caFile: optionalText('The authorities (PEM) that client certificates have to come from.'),
  crlFiles: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Lists of revoked client certificates (PEM), a current one for each authority. A list that is past its next update refuses everybody.',
    ),
  minVersion: z.enum(['1.2', '1.3']).default('1.2').describe('The lowest version of TLS that is spoken.'),
});

const proxyProtocolSchema = z.strictObject({
  trusted: z
    .array(z.string().refine(isPeer, { error: 'must be an address, a network such as 10.0.0.0/8, or unix' }))
    .default([])
    .describe(
      'The proxies: addresses, networks such as 10.0.0.0/8, or `unix` for whoever comes by a Unix socket. Nobody else may connect.',
    ),
});

const listenerSchema = z.strictObject({
  host: host('127.0.0.1', 'The address or host name to listen on. `0.0.0.0` and `::` mean every interface.'),
  port: port(1883, 'The TCP port; 0 takes any free one, which the ready line then names.'),
  socketPath: z
    .string()
    .min(1)
    .max(100, 'must be at most 100 characters, as systems allow no more')
    .optional()
    .describe('The Unix socket to listen on, instead of `host` and `port`.'),
  socketMode: z
    .string()
    .regex(/^0?[0-7]{3}$/, "must be an octal number in quotes, such as '0660'")
    .default('0660')
    .describe('Who may connect by the Unix socket, as in chmod, in quotes.'),
  transport: z
    .enum(['tcp', 'websocket'])
    .default('tcp')
    .describe('What carries MQTT: a connection as it is, or WebSocket on top of it, for browsers.'),
  webSocketPath: z
    .string()
    .regex(/^\/[!-~]*$/, 'must be a path such as /mqtt')
    .default('/mqtt')
    .describe('The path of the URL that WebSocket clients ask for; only with `transport: websocket`.'),
  allowedOrigins: z
    .array(
      z
        .string()
        .regex(/^[a-z][a-z0-9+.-]*:\/\/[^/\s]+$/, 'must be an origin such as https://app.example.com'),
    )
    .default([])
    .describe(
      'The origins of the web pages that may connect, such as https://app.example.com. Empty: all. Clients that are no browser name none, and may.',
    ),
  allowAnonymous: z
    .boolean()
    .optional()
    .describe(
      'Whether clients may connect without credentials. When absent: only by a Unix socket or if `host` is a loopback address, and not through proxies.',
    ),
  tls: tlsSchema.optional().describe('TLS. Without it nothing is encrypted.'),
  proxyProtocol: proxyProtocolSchema
    .optional()
    .describe(
      'Proxies that begin each connection with a PROXY header, of version 1 or 2, with the address of their client. Without it, none does.',
    ),
  limits: listenerLimitsSchema
    .optional()
    .describe('Limits of this listener in place of the general ones; see [security.md](security.md).'),
});

/** Where the broker accepts MQTT connections. */
export const listenersSchema = z.array(listenerSchema).min(1);

/** An address, a network, or `unix`. */
function isPeer(text: string): boolean {
  if (text === 'unix') return true;
  const [address = '', prefix, ...more] = text.split('/');
  const bits = { 4: 32, 6: 128 }[isIP(address)];
  if (bits === undefined || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}
