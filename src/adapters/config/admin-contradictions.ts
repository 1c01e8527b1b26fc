import type { SettingFault } from '../../application/ports/setting-fault.js';
import { isLoopback } from './loopback.js';

/** Holds the settings of the admin API against one another. @param admin As they were made. */
export function adminContradictions(admin: Readonly<Record<string, unknown>>): SettingFault[] {
  const { enabled, host, allowInsecure, tls } = admin;
  if (enabled === false) return [];
  const { certFile, keyFile } = (tls ?? {}) as Readonly<Record<string, unknown>>;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const missing = certFile === undefined ? 'certFile' : 'keyFile';
    const action = 'name the file, or remove the other one';
    return [{ path: ['admin', 'tls', missing], problem: 'is missing: both are needed', action }];
  }
  const isOpen = typeof host === 'string' && !isLoopback(host);
  if (!isOpen || certFile !== undefined || allowInsecure === true) return [];
  // Tokens never go over a network in the clear by accident.
  const problem = 'is reached by other machines, and tokens would go there in the clear';
  const action = 'set admin.tls, or admin.allowInsecure where a proxy sees to TLS';
  return [{ path: ['admin', 'host'], problem, action }];
}
