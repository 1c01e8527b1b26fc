import { z } from 'zod';

import { LOG_COMPONENTS, LOG_LEVELS, type LogComponent } from '../../../application/ports/log-levels.js';
import { countUpTo, host, port, WAIT_SECONDS_LIMIT } from './fields.js';

const COMPONENT_DOCS: Readonly<Record<LogComponent, string>> = {
  broker: 'Sessions, starts and stops, and what no other part tells.',
  connections: 'Connections: how they end, and what clients do wrong.',
  database: 'The database, and the server that the broker brings along.',
  audit: 'The keeping of the audit trail: checkpoints, retention.',
  access: 'Who may come in and do what, and whom that is asked of.',
  admin: 'What is asked of the broker by its operators.',
};

const level = z.enum(LOG_LEVELS);

/** A level for each part of the broker that has one of its own. */
const levels = Object.fromEntries(
  LOG_COMPONENTS.map((component) => [component, level.optional().describe(COMPONENT_DOCS[component])]),
) as Record<LogComponent, z.ZodOptional<typeof level>>;

/** The operator log. */
export const logSchema = z.strictObject({
  level: level.default('info').describe('The least severe level that is written.'),
  levels: z
    .strictObject(levels)
    .prefault({})
    .describe('Levels of parts of the broker that log more or less than the rest. When absent: `log.level`.'),
  format: z
    .enum(['json', 'pretty', 'auto'])
    .default('auto')
    .describe('`json`: one object a line; `pretty`: for reading; `auto`: pretty on a terminal, else json.'),
});

/** Figures for Prometheus. */
export const metricsSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('Whether metrics are served over HTTP for Prometheus, and `/livez` and `/readyz` beside them.'),
  host: host('127.0.0.1', 'The address or host name that serves the metrics.'),
  port: port(9400, 'The TCP port that serves the metrics; 0 takes any free one.'),
});

/** Whether the broker is well. */
export const healthSchema = z.strictObject({
  canary: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe(
          'Whether a client of the broker itself tries it all the time; only with `metrics.enabled`.',
        ),
      everySeconds: countUpTo(
        1,
        3600,
        30,
        'How often it connects, subscribes, and publishes a message to itself.',
      ),
    })
    .prefault({})
    .describe('A test client in the broker. Its round trips are a metric: see [metrics.md](metrics.md).'),
});

/** Figures for MQTT clients. */
export const sysTopicsSchema = z.strictObject({
  intervalSeconds: countUpTo(
    0,
    3600,
    10,
    'How often topics below `$SYS/broker/` are brought up to date; 0 switches them off.',
  ),
});

/** The orderly stop. */
export const shutdownSchema = z.strictObject({
  graceSeconds: countUpTo(
    0,
    WAIT_SECONDS_LIMIT,
    10,
    'How long an orderly stop waits for what is under way before it closes everything.',
  ),
});

/** This broker among others. */
export const nodeSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores')
    .optional()
    .describe('The name of this broker in the audit trail. When absent: the host name.'),
});
