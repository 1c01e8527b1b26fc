import { BlockList, isIP } from 'node:net';
import type { ListenerConfig } from './config.js';

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

/** Names other than `localhost` count as reachable: what they resolve to can change. */
function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8);
  loopback.addAddress('::1', 'ipv6');
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
