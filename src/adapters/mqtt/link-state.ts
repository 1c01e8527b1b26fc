/**
 * Where a connection stands:
 *
 *   awaiting-connect ──CONNECT──▶ connecting ──CONNACK 0──▶ open
 *          │                          │                      │
 *          └──────────────────────────┴── close(), closed() ─┴──▶ closing ──▶ closed
 *
 * Packets are taken in `awaiting-connect` and `open`; what comes while `connecting` is held, and
 * what comes while `closing` is thrown away [MQTT-3.1.4-5]. In `closing` our side has ended, and the
 * peer is given a short while to read what it was sent and to end its own.
 */
export type LinkState = 'awaiting-connect' | 'connecting' | 'open' | 'closing' | 'closed';
