import type { ListenerConfig } from './config.js';
import { isLoopback } from './loopback.js';

/**
 * Whether clients of this listener may come without credentials: as configured, else only by a Unix socket or where
 * the host is a loopback address, and not through proxies, so that a broker which the network can reach is never open
 * by accident.
 */
export function allowsAnonymous({
  host,
  socketPath,
  proxyProtocol,
  allowAnonymous,
}: Pick<ListenerConfig, 'host' | 'socketPath' | 'proxyProtocol' | 'allowAnonymous'>): boolean {
  return allowAnonymous ?? (proxyProtocol === undefined && (socketPath !== undefined || isLoopback(host)));
}
