import { allowsAnonymous } from '../adapters/config/allows-anonymous.js';
import type { Config, ListenerConfig } from '../adapters/config/config.js';
import { MqttEndpoint } from '../adapters/mqtt/mqtt-endpoint.js';
import type { Listener } from '../adapters/transport/listener.js';
import { TcpListener } from '../adapters/transport/tcp-listener.js';
import { WebSocketListener } from '../adapters/transport/websocket-listener.js';

/** A WebSocket message may hold a packet and the beginnings of others. */
const MESSAGE_SLACK_BYTES = 65_536;

/** The listener of a transport, as its configuration says. */
export function makeListener(
  settings: ListenerConfig,
  limits: Config['limits'],
  endpoint: MqttEndpoint,
): Listener {
  const anonymousAllowed = allowsAnonymous(settings);
  if (settings.transport === 'tcp') return new TcpListener({ ...settings, anonymousAllowed }, endpoint);
  return new WebSocketListener(
    {
      ...settings,
      anonymousAllowed,
      path: settings.webSocketPath,
      messageBytesMax: (settings.limits?.packetBytesMax ?? limits.packetBytesMax) + MESSAGE_SLACK_BYTES,
      upgradeMs: (settings.limits?.connectTimeoutSeconds ?? limits.connectTimeoutSeconds) * 1000,
    },
    endpoint,
  );
}
