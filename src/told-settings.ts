import { ownSettings } from './adapters/config/config-settings.js';
import type { Config } from './adapters/config/config.js';
import { defaultConfig } from './adapters/config/load-config.js';
import { hexDigest } from './adapters/crypto/node-digest.js';
import type { AuditDetail, AuditDetails } from './domain/audit/audit-event.js';

/** How many settings a record holds, and how long a text of one may be. */
const TOLD_SETTINGS_MAX = 500;
const TOLD_LENGTH_MAX = 200;

/**
 * What the audit trail is told of the settings that differ from their defaults: long texts by their digest, no secrets,
 * and no more than it can hold.
 */
export function toldSettings(config: Config): AuditDetails {
  const own = [...ownSettings(config, defaultConfig())].slice(0, TOLD_SETTINGS_MAX);
  return Object.fromEntries(own.map(([key, value]) => [key, toldValue(value)] as const));
}

/** The same of single settings; `null` stands for a default, for what isn't there any more, and for a secret. */
export function toldValues(config: Config, keys: readonly string[]): AuditDetails {
  const own = ownSettings(config, defaultConfig());
  const told = keys.slice(0, TOLD_SETTINGS_MAX);
  return Object.fromEntries(told.map((key) => [key, toldValue(own.get(key) ?? null)] as const));
}

function toldValue(value: AuditDetail): AuditDetail {
  if (typeof value !== 'string' || value.length <= TOLD_LENGTH_MAX) return value;
  return `sha256:${hexDigest(value)}`;
}
