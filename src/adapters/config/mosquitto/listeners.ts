import type { MosquittoLine } from './mosquitto-lines.js';
import type { Translation } from './translation.js';

/** A listener of Surety, as the file has it. */
export type ListenerTree = Record<string, unknown>;

/** What a listener section says beside its address. */
type Settings = ReadonlyMap<string, MosquittoLine>;

/** Settings that `per_listener_settings` moves from all listeners to one. */
export const SECURITY = ['allow_anonymous', 'password_file', 'acl_file'] as const;

/** One listener of a mosquitto.conf. */
export interface ListenerSection {
  /** The line that begins it; undefined for the default listener. */
  readonly head: MosquittoLine | undefined;
  readonly settings: Settings;
}

/** Mosquitto listens on every interface unless told otherwise; without any listener, on loopback alone. */
export function translateListener(
  { head, settings }: ListenerSection,
  allowAnonymous: boolean,
  translation: Translation,
): ListenerTree {
  const websocket = settings.get('protocol')?.value === 'websockets';
  return {
    ...address(head, settings),
    ...(websocket ? { transport: 'websocket' } : {}),
    allowAnonymous,
    ...tls(settings, translation),
  };
}

function address(head: MosquittoLine | undefined, settings: Settings): ListenerTree {
  const [port = settings.get('port')?.value ?? '1883', bound] = head?.value.split(/\s+/) ?? [];
  if (port === '0' && bound !== undefined) return { socketPath: bound };
  const everywhere = settings.get('socket_domain')?.value === 'ipv4' ? '0.0.0.0' : '::';
  const isLocalOnly = head === undefined && !settings.has('port') && !settings.has('bind_address');
  const host = bound ?? settings.get('bind_address')?.value ?? (isLocalOnly ? '127.0.0.1' : everywhere);
  return { host, port: Number(port) };
}

function tls(settings: Settings, translation: Translation): ListenerTree {
  const [certificate, key] = [settings.get('certfile'), settings.get('keyfile')];
  if (certificate === undefined || key === undefined) return {};
  const isRequired = settings.get('require_certificate')?.value === 'true';
  const version = settings.get('tls_version');
  const isOld = version !== undefined && !['tlsv1.2', 'tlsv1.3'].includes(version.value);
  if (isOld) translation.note(version, 'TLS before 1.2 is not spoken: 1.2 is the lowest');
  return {
    tls: {
      certFile: certificate.value,
      keyFile: key.value,
      ...(isRequired ? { clientCertificates: 'required' } : {}),
      ...(isRequired ? part('caFile', settings.get('cafile')) : {}),
      ...(isRequired && settings.has('crlfile') ? { crlFiles: [settings.get('crlfile')?.value] } : {}),
      ...(version?.value === 'tlsv1.3' ? { minVersion: '1.3' } : {}),
    },
  };
}

function part(name: string, line: MosquittoLine | undefined): ListenerTree {
  return line === undefined ? {} : { [name]: line.value };
}
