import { unknownParts } from './adapters/auth/certificate-provider.js';
import { tokenKeyFaults } from './adapters/auth/jwt-keys.js';
import { passwordFileFaults } from './adapters/auth/password-file-provider.js';
import type { Config, ProviderConfig } from './adapters/config/config.js';
import { fileFaults } from './file-check.js';
import type { SettingFault } from './application/ports/setting-fault.js';
import { parseAddressRange } from './domain/access/address-range.js';

type Path = SettingFault['path'];

/** What is wrong with what providers name; networks are not asked. */
export async function providersFaults({
  authentication,
  persistence,
}: Pick<Config, 'authentication' | 'persistence'>): Promise<readonly SettingFault[]> {
  const faults = authentication.providers.map((provider, index) =>
    providerFaults(provider, ['authentication', 'providers', index], persistence),
  );
  return (await Promise.all(faults)).flat();
}

/** Trusted addresses that are none. */
export function addressFaults({ authentication }: Pick<Config, 'authentication'>): readonly SettingFault[] {
  return authentication.failures.trustedAddresses.flatMap((text, index): SettingFault[] => {
    if (parseAddressRange(text) !== undefined) return [];
    const path = ['authentication', 'failures', 'trustedAddresses', index];
    const problem = `${JSON.stringify(text)} is no address and no range`;
    return [{ path, problem, action: 'write it like 192.0.2.1 or 10.0.0.0/8' }];
  });
}

async function providerFaults(
  provider: ProviderConfig,
  path: Path,
  persistence: Config['persistence'],
): Promise<readonly SettingFault[]> {
  switch (provider.type) {
    case 'passwordFile':
      return passwordFileFaults(provider.file, [...path, 'file']);
    case 'userTable':
      if (persistence === 'postgres') return [];
      return [
        {
          path: [...path, 'type'],
          problem: 'there is no table of users with `persistence: memory`',
          action: 'set persistence to postgres, or use a password file',
        },
      ];
    case 'jwt':
      return [
        ...(await tokenKeyFaults(provider, path)),
        ...urlFaults(provider.jwksUrl, [...path, 'jwksUrl']),
      ];
    case 'certificate':
      return templateFaults(provider.template, [...path, 'template']);
    case 'webhook':
      return [
        ...urlFaults(provider.url, [...path, 'url']),
        ...fileFaults(provider.caFile, [...path, 'caFile']),
        ...fileFaults(provider.secretFile, [...path, 'secretFile']),
      ];
    case 'ldap':
      return [
        ...urlFaults(provider.url, [...path, 'url']),
        ...fileFaults(provider.caFile, [...path, 'caFile']),
        ...fileFaults(provider.bindPasswordFile, [...path, 'bindPasswordFile']),
      ];
  }
}

function templateFaults(template: string, path: Path): readonly SettingFault[] {
  return unknownParts(template).map((part) => ({
    path,
    problem: `${part} stands for nothing`,
    action: 'use ${cn}, ${dns}, ${email}, ${uri}, ${serial} or ${fingerprint}',
  }));
}

function urlFaults(url: string | undefined, path: Path): readonly SettingFault[] {
  if (url === undefined || URL.canParse(url)) return [];
  return [{ path, problem: 'is no valid URL', action: 'correct it' }];
}
