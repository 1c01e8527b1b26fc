import { aclFileFaults } from './adapters/acl-file/acl-file.js';
import { addressFaults, providersFaults } from './authentication-check.js';
import { fileFaults } from './file-check.js';
import type { ConfigFault, FaultPlace } from './adapters/config/config-fault.js';
import { isAmong } from './adapters/config/config-settings.js';
import type { Config, ListenerConfig } from './adapters/config/config.js';
import { shownPath } from './adapters/config/schema-faults.js';
import { readTlsFiles, type TlsFiles } from './adapters/transport/tls-files.js';
import type { SettingFault } from './application/ports/setting-fault.js';

/** Looks at what settings name, and reads it as the broker would: for files, not for networks. Changes nothing. */
interface PreflightCheck {
  /** The settings that it looks at. */
  readonly keys: readonly string[];
  readonly faults: (config: Config) => readonly SettingFault[] | Promise<readonly SettingFault[]>;
}

/** What is looked at before a start, by `surety config check`, and before a change is put in force. */
const CHECKS: readonly PreflightCheck[] = [
  { keys: ['listeners[].tls', 'admin.tls', 'admin.enabled'], faults: certificateFaults },
  { keys: ['authentication.providers'], faults: providersFaults },
  { keys: ['authentication.failures'], faults: addressFaults },
  { keys: ['access.aclFile', 'access.roles'], faults: accessFaults },
  { keys: ['audit.syslog'], faults: syslogFaults },
];

/**
 * Whether the broker could start with this configuration, as far as that can be told without starting it.
 * @param placeOf Where a setting was made.
 * @param changed The keys that were changed, where the others are in force already: what they name is let be.
 * @returns all faults of all checks.
 */
export async function preflight(
  config: Config,
  placeOf: (path: readonly PropertyKey[]) => FaultPlace,
  changed?: readonly string[],
): Promise<ConfigFault[]> {
  const checks = CHECKS.filter(({ keys }) => changed?.some((key) => isAmong(key, keys)) ?? true);
  const faults = await Promise.all(checks.map(async (check) => check.faults(config)));
  return faults.flat().map(({ path, problem, action }) => ({
    place: placeOf(path),
    problem: `${shownPath(path)}: ${problem}`,
    action,
  }));
}

/** The files of a listener's TLS. @param tls As `loadConfig` lets it pass, with the files that are needed. */
export function tlsFilesOf({
  certFile = '',
  keyFile = '',
  caFile,
  crlFiles,
}: Pick<NonNullable<ListenerConfig['tls']>, keyof TlsFiles>): TlsFiles {
  return { certFile, keyFile, caFile, crlFiles };
}

function certificateFaults({ admin, listeners }: Config): SettingFault[] {
  const ofAdmin = admin.enabled && admin.tls.certFile !== undefined ? admin.tls : undefined;
  return [
    ...listeners.flatMap(({ tls }, index) => tlsFaults(tls && tlsFilesOf(tls), ['listeners', index, 'tls'])),
    ...tlsFaults(ofAdmin && tlsFilesOf({ ...ofAdmin, crlFiles: [] }), ['admin', 'tls']),
  ];
}

function tlsFaults(files: TlsFiles | undefined, path: SettingFault['path']): SettingFault[] {
  const result = files && readTlsFiles(files, Date.now());
  if (result === undefined || !('faults' in result)) return [];
  return result.faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
}

async function accessFaults({ access, persistence }: Config): Promise<SettingFault[]> {
  if (!access.roles || persistence === 'postgres') return aclFileFaults(access.aclFile);
  const problem = 'roles stand in the database, and persistence is memory';
  return [{ path: ['access', 'roles'], problem, action: 'change one of them' }];
}

function syslogFaults({ audit }: Config): readonly SettingFault[] {
  return fileFaults(audit.syslog.caFile, ['audit', 'syslog', 'caFile']);
}
