const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const NETWORK_GROUPS = 4;
const GROUPS = 8;

/**
 * Whom an address belongs to, as far as limits go. An IPv6 host has a whole /64 network to itself and may come from any
 * address of it, so those count as one; an IPv4 address in IPv6 form is that IPv4 address. All else stays as it is.
 */
export function addressNetwork(address: string): string {
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('%', 1).join('').split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const behind = tail === '' ? [] : tail.split(':');
    while (groups.length + behind.length < GROUPS) groups.push('0');
    groups.push(...behind);
  }
  return `${groups.slice(0, NETWORK_GROUPS).join(':')}::/64`;
}
