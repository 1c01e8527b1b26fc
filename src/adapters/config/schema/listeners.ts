import { z } from 'zod';

import { host, port } from './fields.js';
import { listenerLimitsSchema } from './listener-limits.js';

const listenerSchema = z.strictObject({
  host: host('127.0.0.1', 'The address or host name to listen on. `0.0.0.0` and `::` mean every interface.'),
  port: port(1883, 'The TCP port; 0 takes any free one, which the ready line then names.'),
  transport: z
    .enum(['tcp', 'websocket'])
    .default('tcp')
    .describe('What carries MQTT: a TCP connection as it is, or WebSocket on top of it, for browsers.'),
  webSocketPath: z
    .string()
    .regex(/^\/[!-~]*$/, 'must be a path such as /mqtt')
    .default('/mqtt')
    .describe('The path of the URL that WebSocket clients ask for; only with `transport: websocket`.'),
  allowAnonymous: z
    .boolean()
    .optional()
    .describe(
      'Whether clients may connect without credentials. When absent: only if `host` is a loopback address.',
    ),
  limits: listenerLimitsSchema
    .optional()
    .describe('Limits of this listener in place of the general ones; see [security.md](security.md).'),
});

function refuseDoubleListeners(
  listeners: readonly z.output<typeof listenerSchema>[],
  context: z.RefinementCtx,
): void {
  listeners.forEach(({ host, port }, index) => {
    const first = listeners.findIndex((other) => other.host === host && other.port === port);
    if (port === 0 || first === index) return;
    const message = `listener ${index + 1} has the same host and port as listener ${first + 1}`;
    context.addIssue({ code: 'custom', path: [index, 'port'], message });
  });
}

/** Where the broker accepts MQTT connections. */
export const listenersSchema = z.array(listenerSchema).min(1).superRefine(refuseDoubleListeners);
