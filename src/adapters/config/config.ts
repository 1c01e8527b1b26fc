import { z } from 'zod';

import { accessSchema } from './schema/access.js';
import { adminSchema } from './schema/admin.js';
import { auditSchema } from './schema/audit.js';
import { authenticationSchema } from './schema/authentication.js';
import { databaseSchema } from './schema/database.js';
import { limitsSchema, sessionSchema } from './schema/limits.js';
import { listenersSchema } from './schema/listeners.js';
import {
  healthSchema,
  logSchema,
  metricsSchema,
  nodeSchema,
  shutdownSchema,
  sysTopicsSchema,
} from './schema/operations.js';

/**
 * The one schema of Surety's configuration: parser, defaults and reference text in one place, a file of `schema`
 * for each section. docs/configuration.md is generated from it by `npm run docs:config`. Units stand at the end of a key's name.
 */

/** Every key that a configuration may have; an unknown one is a fault. */
export const configSchema = z.strictObject({
  listeners: listenersSchema.prefault([{}]).describe('Where the broker accepts MQTT connections.'),
  dataDir: z
    .string()
    .min(1)
    .default('./data')
    .describe(
      'The folder for what the broker stores, relative to the working directory; created when missing.',
    ),
  persistence: z
    .enum(['memory', 'postgres'])
    .default('postgres')
    .describe(
      'Where durable sessions and retained messages live. `memory` loses them when the broker stops.',
    ),
  database: databaseSchema.prefault({}).describe('The database behind `persistence: postgres`.'),
  log: logSchema.prefault({}).describe('The operator log, on standard error.'),
  session: sessionSchema.prefault({}).describe('The sessions of clients that connect with clean session 0.'),
  authentication: authenticationSchema
    .prefault({})
    .describe('Who gets in: see [authentication.md](authentication.md).'),
  access: accessSchema.prefault({}).describe('What clients may do.'),
  node: nodeSchema.prefault({}).describe('This broker among others.'),
  audit: auditSchema.prefault({}).describe('The audit trail: see [audit.md](audit.md).'),
  admin: adminSchema.prefault({}).describe('The admin API: see [admin-api.md](admin-api.md).'),
  metrics: metricsSchema.prefault({}).describe('Figures for Prometheus.'),
  health: healthSchema.prefault({}).describe('Whether the broker is well.'),
  sysTopics: sysTopicsSchema
    .prefault({})
    .describe('Figures on topics below `$SYS/broker/`, as Mosquitto names them.'),
  shutdown: shutdownSchema.prefault({}).describe('The orderly stop.'),
  limits: limitsSchema
    .prefault({})
    .describe('The limit of every queue, loop and buffer, and what happens at it.'),
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** A whole and valid configuration, every default filled in. Frozen, at every depth, by `loadConfig`. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;

/** One place where the broker accepts MQTT connections. */
export type ListenerConfig = Config['listeners'][number];

/** The limits of every queue, loop and buffer. */
export type LimitsConfig = Config['limits'];

/** One of those who say who gets in. */
export type ProviderConfig = Config['authentication']['providers'][number];
