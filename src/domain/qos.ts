/** Quality of service: 0 at most once, 1 at least once, 2 exactly once. */
export type QoS = 0 | 1 | 2;

/** The quality of a delivery: the lower of what was published and what was granted [MQTT-3.8.4-6]. */
export function lowerQos(published: QoS, granted: QoS): QoS {
  return published < granted ? published : granted;
}
