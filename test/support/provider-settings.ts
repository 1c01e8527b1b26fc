import type { JwtSettings } from '../../src/adapters/auth/jwt-provider.js';
import type { LdapSettings } from '../../src/adapters/auth/ldap-provider.js';
import type { WebhookSettings } from '../../src/adapters/auth/webhook-provider.js';
import { DirectoryServer } from './directory-server.js';

/** Settings of a provider as the configuration has them, with what a test needs. */
export function jwtSettings(changes: Partial<JwtSettings>): JwtSettings {
  return {
    from: 'password',
    algorithms: ['HS256'],
    jwksMaxAgeSeconds: 600,
    timeoutSeconds: 5,
    clockToleranceSeconds: 30,
    requireExpiry: true,
    nameClaim: 'sub',
    ...changes,
  };
}

export function webhookSettings(changes: Partial<WebhookSettings>): WebhookSettings {
  return {
    url: '',
    timeoutSeconds: 5,
    concurrencyMax: 10,
    queueMax: 100,
    cacheSeconds: 60,
    cacheEntriesMax: 3,
    ...changes,
  };
}

/** Finds the users of `DirectoryServer` by a search. */
export function ldapSettings(changes: Partial<LdapSettings>): LdapSettings {
  return {
    url: '',
    startTls: false,
    bindDn: DirectoryServer.bindDn,
    searchBase: 'ou=people,dc=example,dc=org',
    searchFilter: '(uid=${user})',
    groupFilter: '(member=${dn})',
    groupNameAttribute: 'cn',
    timeoutSeconds: 5,
    connectionsMax: 2,
    queueMax: 100,
    ...changes,
  };
}
