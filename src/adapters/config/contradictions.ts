import type { SettingFault } from '../../application/ports/setting-fault.js';
import { adminContradictions } from './admin-contradictions.js';

type Group = Readonly<Record<string, unknown>>;

const DEFAULTS = { host: '127.0.0.1', port: 1883 } as const;

/**
 * Holds settings against one another, as they were made: a default contradicts nothing.
 * @param tree The file and the environment together; what is of a wrong type is passed over, as the schema tells of it.
 */
export function contradictions(tree: unknown): SettingFault[] {
  const { admin, listeners } = groupOf(tree);
  const groups = Array.isArray(listeners) ? listeners.map(groupOf) : [];
  return [
    ...groups.flatMap(listenerContradictions),
    ...doubleListeners(groups),
    ...adminContradictions(groupOf(admin)),
  ];
}

function listenerContradictions(listener: Group, index: number): SettingFault[] {
  const path = ['listeners', index];
  const found: SettingFault[] = [];
  const tell = (key: string, problem: string, action: string): void =>
    void found.push({ path: [...path, ...key.split('.')], problem, action });
  const misplaced = (isMisplaced: boolean, keys: readonly string[], need: string): void => {
    if (!isMisplaced) return;
    for (const key of keys)
      if (listener[key] !== undefined)
        tell(key, `has no effect without ${need}`, `remove it, or set ${need}`);
  };
  misplaced(listener['socketPath'] === undefined, ['socketMode'], 'socketPath');
  misplaced(
    listener['transport'] !== 'websocket',
    ['webSocketPath', 'allowedOrigins'],
    'transport: websocket',
  );
  if (listener['socketPath'] !== undefined) {
    for (const key of ['host', 'port'])
      if (listener[key] !== undefined)
        tell(key, 'has no effect beside socketPath', 'remove one of the two, or make another listener');
  }
  if (listener['tls'] !== undefined) tlsContradictions(groupOf(listener['tls']), tell);
  const { proxyProtocol } = listener;
  if (proxyProtocol !== undefined && isMissing(groupOf(proxyProtocol)['trusted']))
    tell(
      'proxyProtocol.trusted',
      'is empty: nobody could connect',
      'name the proxies, or remove proxyProtocol',
    );
  return found;
}

function tlsContradictions(tls: Group, tell: (key: string, problem: string, action: string) => void): void {
  for (const key of ['certFile', 'keyFile'])
    if (isMissing(tls[key])) tell(`tls.${key}`, 'is missing', 'name the file, or remove tls');
  const asksForCertificates = ['optional', 'required'].includes(String(tls['clientCertificates']));
  if (asksForCertificates && isMissing(tls['caFile']))
    tell('tls.caFile', 'is missing: clientCertificates needs it', 'name the file of the authorities');
  for (const key of asksForCertificates ? [] : ['caFile', 'crlFiles'])
    if (!isMissing(tls[key]))
      tell(
        `tls.${key}`,
        'has no effect while clientCertificates is off',
        'set clientCertificates to optional or required, or remove it',
      );
}

function doubleListeners(listeners: readonly Group[]): SettingFault[] {
  const addresses = listeners.map(({ host = DEFAULTS.host, port = DEFAULTS.port, socketPath }) =>
    JSON.stringify(socketPath ?? [host, port]),
  );
  return listeners.flatMap(({ port, socketPath }, index) => {
    const first = addresses.indexOf(addresses[index] ?? '');
    if (first === index || (socketPath === undefined && port === 0)) return [];
    const [key, shared] = socketPath === undefined ? ['port', 'host and port'] : ['socketPath', 'socketPath'];
    const problem = `listener ${index + 1} has the same ${shared} as listener ${first + 1}`;
    return [{ path: ['listeners', index, key], problem, action: 'change one of them' }];
  });
}

function isMissing(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function groupOf(value: unknown): Group {
  return typeof value === 'object' && value !== null ? (value as Group) : {};
}
