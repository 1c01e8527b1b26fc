/** What peers are called in the report, where it isn't what the bench calls them. */
const PEER_NAMES: Readonly<Record<string, string>> = {
  surety: 'Surety',
  'surety-acl': 'Surety',
  'surety-plain': 'Surety without a trail',
  aedes: 'Aedes',
  'bare-insert': 'bare inserts',
  relay: 'bare relay in Node.js',
};

/** What a peer is called in the report. */
export function nameOf(peer: string): string {
  return PEER_NAMES[peer] ?? peer;
}
