import type { ListenerConfig } from './config.js';
import { isLoopback } from './loopback.js';

/**
 * Whether clients of this listener may come without credentials: as configured, else only where the
 * host is a loopback address, so that a broker which the network can reach is never open by accident.
 */
export function allowsAnonymous({
  host,
  allowAnonymous,
}: Pick<ListenerConfig, 'host' | 'allowAnonymous'>): boolean {
  return allowAnonymous ?? isLoopback(host);
}
