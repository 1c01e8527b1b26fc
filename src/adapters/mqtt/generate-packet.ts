import mqttPacket, { type Packet } from 'mqtt-packet';

/*
 * The first packet would make mqtt-packet prepare a buffer for each of the 65,536 packet ids: 10 ms in which nobody is
 * served, and 7 MB that V8's next two young collections copy, 15 ms each.
 */
mqttPacket.writeToStream.cacheNumbers = false;

/** @returns the packet's bytes, as MQTT 3.1.1 has them. */
export function generatePacket(packet: Packet): Uint8Array {
  return mqttPacket.generate(packet);
}
