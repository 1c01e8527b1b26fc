import { Container } from 'inversify';

import { allowsAnonymous } from '../adapters/config/allows-anonymous.js';
import type { Config, ListenerConfig } from '../adapters/config/config.js';
import type { MqttEndpoint } from '../adapters/mqtt/mqtt-endpoint.js';
import { ListenerCertificates } from '../adapters/transport/listener-certificates.js';
import type { ListeningAddress } from '../adapters/transport/listening-address.js';
import { PeerList } from '../adapters/transport/peer-address.js';
import type { SocketListenerSettings } from '../adapters/transport/socket-listener.js';
import { SocketListeners } from '../adapters/transport/socket-listeners.js';
import { TlsCredentials } from '../adapters/transport/tls-credentials.js';
import type { Clock } from '../application/ports/clock.js';
import type { Logger } from '../application/ports/logger.js';
import { tlsFilesOf } from '../preflight.js';
import type { ConfigApplier, ConfigPreparer } from '../reloading.js';
import { Own, T } from './tokens.js';

/** Binds the listeners. */
export function bindListeners(container: Container): void {
  container
    .bind(Own.listeners)
    .toResolvedValue(
      ({ listeners }: Config, clock: Clock, endpoint: MqttEndpoint, logger: Logger) =>
        new SocketListeners(settingsOf(listeners, clock), endpoint, logger),
      [T.config, T.clock, Own.endpoint, T.logger],
    );
  container
    .bind(Own.reloadable)
    .toResolvedValue((listeners: SocketListeners) => new ListenerCertificates(listeners), [Own.listeners]);
  container.bind(Own.configPreparer).toResolvedValue(
    (listeners: SocketListeners, clock: Clock): ConfigPreparer => ({
      keys: ['listeners'],
      prepare: async (next) => listeners.prepare(settingsOf(next.listeners, clock, listeners.credentials)),
    }),
    [Own.listeners, T.clock],
  );
  container.bind(Own.configApplier).toResolvedValue(
    (endpoint: MqttEndpoint): ConfigApplier => ({
      keys: ['limits', 'listeners'],
      apply: () => endpoint.limitsChanged(),
    }),
    [Own.endpoint],
  );
}

/** @param held What there is for TLS already: where its settings stay the same, it stays too. */
function settingsOf(
  listeners: Config['listeners'],
  clock: Clock,
  held: readonly TlsCredentials[] = [],
): readonly SocketListenerSettings[] {
  return listeners.map((listener) => {
    const { allowedOrigins, limits, proxyProtocol, tls, transport, webSocketPath: path } = listener;
    return {
      address: addressOf(listener),
      anonymousAllowed: allowsAnonymous(listener),
      limits,
      proxies: proxyProtocol && new PeerList(proxyProtocol.trusted),
      credentials: tls && credentialsOf(tls, clock, held),
      webSocket: transport === 'websocket' ? { path, allowedOrigins } : undefined,
    };
  });
}

function credentialsOf(
  tls: NonNullable<ListenerConfig['tls']>,
  clock: Clock,
  held: readonly TlsCredentials[],
): TlsCredentials {
  const { clientCertificates, minVersion } = tls;
  const settings = { ...tlsFilesOf(tls), clientCertificates, minVersion };
  const isSame = (other: TlsCredentials): boolean =>
    JSON.stringify(other.settings) === JSON.stringify(settings);
  return held.find(isSame) ?? new TlsCredentials(settings, clock);
}

function addressOf({ host, port, socketPath, socketMode }: ListenerConfig): ListeningAddress {
  if (socketPath === undefined) return { host, port };
  return { socketPath, socketMode: Number.parseInt(socketMode, 8) };
}
