/** Why the broker or the peer ended a connection. Closed, so that each reason can be a metric of its own. */
export const CLOSE_REASONS = [
  /** The client sent DISCONNECT. */
  'disconnect_packet',
  /** The peer closed, or the network failed. */
  'peer_closed',
  /** A newer connection came with the same client id [MQTT-3.1.4-2]. */
  'taken_over',
  /** Nothing came for 1.5 times the keep-alive period [MQTT-3.1.2-24]. */
  'keep_alive_timeout',
  /** No complete CONNECT within the connect timeout. */
  'connect_timeout',
  /** CONNECT answered by a return code other than 0. */
  'connect_refused',
  /** The first packet was not CONNECT [MQTT-3.1.0-1]. */
  'no_connect_first',
  /** A second CONNECT [MQTT-3.1.0-2]. */
  'second_connect',
  /** A protocol name other than MQTT or MQIsdp [MQTT-3.1.2-1]. */
  'unknown_protocol',
  /** Bytes that are no packet: lengths, fields or reserved values are wrong [MQTT-4.8.0-1]. */
  'malformed_packet',
  /** Reserved flag bits of the fixed header are wrong [MQTT-2.2.2-2]. */
  'wrong_flags',
  /** A text field isn't valid UTF-8 or has U+0000 [MQTT-1.5.3-1] [MQTT-1.5.3-2]. */
  'bad_utf8',
  /** A topic name or filter that may not be [MQTT-4.7.1-1]. */
  'bad_topic',
  /** A topic name or filter that is longer or deeper than the limits let it be. */
  'topic_too_large',
  /** Packet id 0 [MQTT-2.3.1-1]. */
  'bad_packet_id',
  /** QoS 3 [MQTT-3.3.1-4], or DUP at QoS 0 [MQTT-3.3.1-2]. */
  'bad_qos',
  /** A packet that only servers send. */
  'unexpected_packet',
  /** The length header is over the packet limit. */
  'packet_too_large',
  /** More filters than one SUBSCRIBE may carry, or more subscriptions than a session may hold. */
  'too_many_subscriptions',
  /** The client read nothing for longer than the stall limit while its outbox was full. */
  'outbox_stalled',
  /** A publish without permission, where the policy is to disconnect. */
  'not_authorized',
  /** What proved who the client is has ended, as a token does. */
  'credentials_expired',
  /** The user was removed or disabled. */
  'credentials_revoked',
  /** A ban holds for the address, or was imposed on the client. */
  'banned',
  /** A receiver's queue is full and the policy is to refuse [MQTT-4.8.0-2]. */
  'queue_full',
  /** What the client did could not be made durable; it will try again [MQTT-4.8.0-2]. */
  'store_unavailable',
  /** Over the limit of connections, in all or of the listener. */
  'too_many_connections',
  /** An administrator has ended it. */
  'administrator',
  /** Over the limit of connections from one address. */
  'too_many_from_address',
  /** More new connections in a second than there may be, in all or of the listener. */
  'connect_rate',
  /** More new connections in a second than may come from one address. */
  'address_connect_rate',
  /** A new connection while the broker's memory is at its limit. */
  'memory_full',
  /** A listener for proxies was reached by a peer that is none of the trusted ones. */
  'untrusted_proxy',
  /** A trusted proxy began with something else than a PROXY header. */
  'bad_proxy_header',
  /** The client's certificate was asked for, and is missing, unknown, expired or revoked. */
  'certificate_refused',
  /** There was no common ground for TLS: version, cipher, protocol, or no TLS at all. */
  'tls_failed',
  /** A request for a WebSocket of another path, subprotocol or origin, or no such request. */
  'upgrade_refused',
  /** The broker is stopping. */
  'server_shutdown',
  /** A fault of our own while a packet was handled. */
  'internal_error',
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];
