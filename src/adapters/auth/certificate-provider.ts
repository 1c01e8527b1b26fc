import type {
  AuthenticationProvider,
  ProviderDecision,
} from '../../application/ports/authentication-provider.js';
import type { Credentials } from '../../application/ports/authenticator.js';
import type { ClientCertificate } from '../../domain/access/client-certificate.js';
import { named } from '../../domain/access/principal.js';
import { ConnectCode } from '../../domain/connect-code.js';
import { isPlainName } from './plain-name.js';
import { refused } from './refused.js';

/** How a certificate becomes a name. */
export interface CertificateSettings {
  readonly template: string;
  readonly requireUserName: boolean;
}

const PLACE = /\$\{([^}]*)\}/g;

/** A map, as an object would have parts such as `constructor`, too. */
const PARTS: ReadonlyMap<string, (certificate: ClientCertificate) => string | undefined> = new Map([
  ['cn', ({ commonName }) => commonName],
  ['dns', ({ alternativeNames }) => alternativeNames.dns[0]],
  ['email', ({ alternativeNames }) => alternativeNames.email[0]],
  ['uri', ({ alternativeNames }) => alternativeNames.uri[0]],
  ['serial', ({ serialNumber }) => serialNumber],
  ['fingerprint', ({ fingerprint }) => fingerprint],
]);

/** Places in a template that stand for nothing. */
export function unknownParts(template: string): readonly string[] {
  return [...template.matchAll(PLACE)].flatMap(([place, part = '']) => (PARTS.has(part) ? [] : place));
}

/** Clients that the transport has checked by their certificates. */
export class CertificateProvider implements AuthenticationProvider {
  constructor(
    readonly name: string,
    private readonly settings: CertificateSettings,
  ) {}

  decide({ certificate, userName }: Credentials): Promise<ProviderDecision> {
    return Promise.resolve(certificate === undefined ? 'ignored' : this.decideOn(certificate, userName));
  }

  private decideOn(certificate: ClientCertificate, userName: string | undefined): ProviderDecision {
    const name = nameOf(certificate, this.settings.template);
    if (name === undefined) return { refusal: ConnectCode.notAuthorized, reason: 'certificate_without_name' };
    if (this.settings.requireUserName && userName !== undefined && userName !== name)
      return refused('certificate_user_name');
    return { principal: named(name) };
  }
}

/** Undefined when the certificate lacks something that the name is made of. */
function nameOf(certificate: ClientCertificate, template: string): string | undefined {
  let isWhole = true;
  const name = template.replace(PLACE, (_, part: string) => {
    const value = PARTS.get(part)?.(certificate);
    if (value === undefined || !isPlainName(value)) isWhole = false;
    return value ?? '';
  });
  return isWhole && name !== '' ? name : undefined;
}
