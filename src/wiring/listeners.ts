import { Container } from 'inversify';

import { allowsAnonymous } from '../adapters/config/allows-anonymous.js';
import type { Config, ListenerConfig } from '../adapters/config/config.js';
import { MqttEndpoint } from '../adapters/mqtt/mqtt-endpoint.js';
import { ListenerCertificates } from '../adapters/transport/listener-certificates.js';
import type { ListeningAddress } from '../adapters/transport/listening-address.js';
import { PeerList } from '../adapters/transport/peer-address.js';
import { type LiveListenerSettings, SocketListener } from '../adapters/transport/socket-listener.js';
import { makeListenerTurns } from '../adapters/transport/socket-turns.js';
import { TlsCredentials } from '../adapters/transport/tls-credentials.js';
import type { Clock } from '../application/ports/clock.js';
import { tlsFilesOf } from '../preflight.js';
import type { ConfigApplier } from '../reloading.js';
import { Own, T } from './tokens.js';

/** Binds what listeners share. */
export function bindListeners(container: Container): void {
  container
    .bind(Own.certificates)
    .toResolvedValue(
      ({ listeners }: Config, clock: Clock) =>
        new ListenerCertificates(
          listeners.map(({ tls }) => tls && new TlsCredentials({ ...tls, ...tlsFilesOf(tls) }, clock)),
        ),
      [T.config, T.clock],
    );
  container.bind(Own.reloadable).toService(Own.certificates);
  container.bind(Own.listeners).toResolvedValue(makeListeners, [T.config, Own.certificates, Own.endpoint]);
  container
    .bind(Own.configApplier)
    .toResolvedValue(
      (listeners: readonly SocketListener[], endpoint: MqttEndpoint) => listenerSettings(listeners, endpoint),
      [Own.listeners, Own.endpoint],
    );
}

/** The listeners, as their configuration says. */
function makeListeners(
  { listeners }: Config,
  certificates: ListenerCertificates,
  endpoint: MqttEndpoint,
): readonly SocketListener[] {
  const turns = makeListenerTurns();
  return listeners.map((settings, index) => {
    const { transport, webSocketPath: path } = settings;
    const { allowedOrigins, ...live } = liveSettingsOf(settings);
    return new SocketListener(
      {
        address: addressOf(settings),
        ...live,
        credentials: certificates.byListener[index],
        webSocket: transport === 'websocket' ? { path, allowedOrigins } : undefined,
      },
      endpoint,
      turns,
    );
  });
}

function listenerSettings(listeners: readonly SocketListener[], endpoint: MqttEndpoint): ConfigApplier {
  return {
    keys: ['limits', 'listeners[]'],
    apply: (config) => {
      config.listeners.forEach((settings, index) => listeners[index]?.change(liveSettingsOf(settings)));
      endpoint.limitsChanged();
    },
  };
}

function liveSettingsOf(settings: ListenerConfig): LiveListenerSettings {
  const { allowedOrigins, limits, proxyProtocol } = settings;
  const proxies = proxyProtocol && new PeerList(proxyProtocol.trusted);
  return { anonymousAllowed: allowsAnonymous(settings), limits, allowedOrigins, proxies };
}

function addressOf({ host, port, socketPath, socketMode }: ListenerConfig): ListeningAddress {
  if (socketPath === undefined) return { host, port };
  return { socketPath, socketMode: Number.parseInt(socketMode, 8) };
}
