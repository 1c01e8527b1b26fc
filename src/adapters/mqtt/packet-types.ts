/** MQTT control packet types: the high nibble of a packet's first byte. */
export const PacketType = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
} as const;

/** Protocol levels that are served: 3 is MQTT 3.1, 4 is MQTT 3.1.1. */
export type ProtocolLevel = 3 | 4;
