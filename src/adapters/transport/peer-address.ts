import { BlockList, isIP, isIPv4, type Socket } from 'node:net';

/** The address of whoever comes by a Unix socket: it has none, and the socket's mode says who may. */
export const UNIX_PEER = 'unix';
const MAPPED_IPV4 = '::ffff:';

/**
 * The address of a TCP socket's peer; IPv4 in its own form, also where the socket is one of IPv6. Undefined once the
 * connection has ended.
 */
export function peerAddress({ remoteAddress }: Socket): string | undefined {
  return remoteAddress === undefined ? undefined : plainAddress(remoteAddress);
}

/** An address as people write it. */
export function plainAddress(address: string): string {
  if (!address.toLowerCase().startsWith(MAPPED_IPV4)) return address;
  const rest = address.slice(MAPPED_IPV4.length);
  return isIPv4(rest) ? rest : address;
}

/** Peers by their addresses. */
export class PeerList {
  private readonly addresses = new BlockList();
  private readonly hasUnixPeers: boolean;

  /** @param entries Addresses, networks such as 10.0.0.0/8, or `unix`. */
  constructor(entries: readonly string[]) {
    this.hasUnixPeers = entries.includes(UNIX_PEER);
    for (const entry of entries) if (entry !== UNIX_PEER) this.add(entry);
  }

  has(address: string): boolean {
    if (address === UNIX_PEER) return this.hasUnixPeers;
    return isIP(address) !== 0 && this.addresses.check(address, familyOf(address));
  }

  private add(entry: string): void {
    const [address = '', prefix] = entry.split('/');
    const family = familyOf(address);
    if (prefix === undefined) this.addresses.addAddress(address, family);
    else this.addresses.addSubnet(address, Number(prefix), family);
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}
