/** The addresses that begin with the same bits. IPv4 is written as IPv6 does it, so that both compare alike. */
export interface AddressRange {
  /** The first address of it, as 8 groups of 16 bits. */
  readonly groups: readonly number[];
  /** How many of the 128 bits count. */
  readonly bits: number;
  /** As it was written. */
  readonly text: string;
}

/** The bits of a range that holds one address. */
export const SINGLE_ADDRESS_BITS = 128;
const MAPPED_IPV4 = [0, 0, 0, 0, 0, 0xffff];
const MAPPED_BITS = 96;

/** Reads an address, or a range in CIDR form: `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const groups = parseAddress(address);
  if (groups === undefined) return undefined;
  const isIPv4 = !address.includes(':');
  const bits = prefix === undefined ? SINGLE_ADDRESS_BITS : Number(prefix) + (isIPv4 ? MAPPED_BITS : 0);
  return bits > SINGLE_ADDRESS_BITS ? undefined : { groups, bits, text };
}

/**
 * Whether a range holds an address.
 * @param address A single one; undefined for one that can't be read, as of a Unix socket: it stands in no range.
 */
export function isInRange({ groups, bits }: AddressRange, address: AddressRange | undefined): boolean {
  if (address === undefined) return false;
  for (let index = 0, left = bits; left > 0; index++, left -= 16) {
    const shift = Math.max(0, 16 - left);
    if ((groups[index] ?? 0) >> shift !== (address.groups[index] ?? 0) >> shift) return false;
  }
  return true;
}

/** The 8 groups of an address. A zone, as in `fe80::1%eth0`, is no part of it. */
function parseAddress(text: string): number[] | undefined {
  const [plain = ''] = text.split('%');
  if (!plain.includes(':')) {
    const mapped = parseIPv4(plain);
    return mapped && [...MAPPED_IPV4, ...mapped];
  }
  const [before = '', after, ...more] = plain.split('::');
  if (more.length > 0) return undefined;
  const left = parseGroups(before);
  const right = after === undefined ? [] : parseGroups(after);
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...left, ...new Array<number>(missing).fill(0), ...right];
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && index === parts.length - 1) {
      const mapped = parseIPv4(part);
      if (mapped === undefined) return undefined;
      groups.push(...mapped);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** The two groups of an IPv4 address. */
function parseIPv4(text: string): number[] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = match.slice(1).map(Number);
  return Math.max(a, b, c, d) > 255 ? undefined : [(a << 8) | b, (c << 8) | d];
}
