import { isIPv4, isIPv6 } from 'node:net';
import { plainAddress } from './peer-address.js';

/** The PROXY protocol, versions 1 and 2 (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt). */

/** What the first bytes of a connection are. */
export type ProxyHeader = 'incomplete' | 'malformed' | CompleteHeader;

/** What a proxy says of its client. */
export interface CompleteHeader {
  /** The bytes that it takes; what follows them is the client's. */
  readonly length: number;
  /** The client's address; undefined where the proxy speaks for itself, or doesn't know. */
  readonly address: string | undefined;
}

const V1_START = Buffer.from('PROXY ');
/** With its CRLF. */
const V1_LENGTH_MAX = 107;
const V2_SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const V2_FIXED_LENGTH = 16;
/** The largest that is taken, in bytes: type-length-values, which are passed over, count in it. */
const V2_LENGTH_MAX = 4096;
const V2_VERSION = 2;
/** ::ffff:0:0/96 */
const IPV4_PREFIX = Buffer.from('00000000000000000000ffff', 'hex');
const V2Command = { local: 0, proxy: 1 } as const;
const V2Family = { unspecified: 0, ipv4: 1, ipv6: 2, unix: 3 } as const;

/** Reads the header that a connection begins with, from all that has come so far. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsLike(bytes, V1_START)) return bytes.length < V1_START.length ? 'incomplete' : parseV1(bytes);
  if (startsLike(bytes, V2_SIGNATURE)) return bytes.length < V2_FIXED_LENGTH ? 'incomplete' : parseV2(bytes);
  return 'malformed';
}

/** Whether the bytes are, or may become, these. */
function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

/** `PROXY TCP4 192.0.2.1 198.51.100.1 56324 1883`, and a CRLF. */
function parseV1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, V1_LENGTH_MAX).indexOf('\r\n');
  if (end < 0) return bytes.length < V1_LENGTH_MAX ? 'incomplete' : 'malformed';
  const [, protocol, source, destination, ...ports] = bytes.toString('latin1', 0, end).split(' ');
  const length = end + 2;
  if (protocol === 'UNKNOWN') return { length, address: undefined };
  const isAddress = { TCP4: isIPv4, TCP6: isIPv6 }[protocol ?? ''];
  if (isAddress === undefined || source === undefined || destination === undefined) return 'malformed';
  if (!isAddress(source) || !isAddress(destination)) return 'malformed';
  if (ports.length !== 2 || !ports.every(isPort)) return 'malformed';
  return { length, address: plainAddress(source) };
}

function isPort(text: string): boolean {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

function parseV2(bytes: Buffer): ProxyHeader {
  const [version, command] = nibblesOf(bytes.readUInt8(12));
  const [family] = nibblesOf(bytes.readUInt8(13));
  const length = V2_FIXED_LENGTH + bytes.readUInt16BE(14);
  if (version !== V2_VERSION || length > V2_LENGTH_MAX) return 'malformed';
  if (command !== V2Command.local && command !== V2Command.proxy) return 'malformed';
  if (bytes.length < length) return 'incomplete';
  if (command === V2Command.local) return { length, address: undefined };
  return parseV2Address(bytes.subarray(V2_FIXED_LENGTH, length), family, length);
}

/** Source and destination addresses stand first, then their ports. */
function parseV2Address(block: Buffer, family: number, length: number): ProxyHeader {
  switch (family) {
    case V2Family.ipv4:
      return block.length < 12 ? 'malformed' : { length, address: block.subarray(0, 4).join('.') };
    case V2Family.ipv6:
      return block.length < 36 ? 'malformed' : { length, address: ipv6Text(block) };
    case V2Family.unspecified:
    case V2Family.unix:
      return { length, address: undefined };
    default:
      return 'malformed';
  }
}

/** In the canonical form of RFC 5952, as sockets name their peers; an IPv4 address in its own. */
function ipv6Text(block: Buffer): string {
  if (block.subarray(0, IPV4_PREFIX.length).equals(IPV4_PREFIX)) return block.subarray(12, 16).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => block.readUInt16BE(2 * i).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function nibblesOf(byte: number): [high: number, low: number] {
  return [byte >> 4, byte & 0x0f];
}
