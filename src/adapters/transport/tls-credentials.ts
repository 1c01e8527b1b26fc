import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Clock } from '../../application/ports/clock.js';
import { readTlsFiles, type TlsFiles, tlsFileNames, type TlsMaterial } from './tls-files.js';

/** What a listener's TLS is made of. */
export interface TlsSettings extends TlsFiles {
  readonly clientCertificates: 'off' | 'optional' | 'required';
  readonly minVersion: '1.2' | '1.3';
}

/** How long a session may be resumed without the client's certificate being looked at anew, in seconds. */
const SESSION_SECONDS = 300;

/** The keys and certificates of a listener. A connection keeps those that it began with. */
export class TlsCredentials {
  readonly files: readonly string[];
  private material: TlsMaterial;
  private current: SecureContext;

  /** @throws Error that names each fault of the files. */
  constructor(
    readonly settings: TlsSettings,
    private readonly clock: Clock,
  ) {
    this.files = tlsFileNames(settings);
    this.material = this.read();
    this.current = secureContext(this.material, settings);
  }

  /** For connections that come now. */
  get secureContext(): SecureContext {
    return this.current;
  }

  /**
   * Reads the files anew, for connections that come from then on.
   * @returns whether they hold anything else than before.
   * @throws Error that names each fault of the files; what was read before stays.
   */
  reload(): boolean {
    const material = this.read();
    if (JSON.stringify(material) === JSON.stringify(this.material)) return false;
    // New tickets as well: who was revoked can't come back by an old session.
    this.current = secureContext(material, this.settings);
    this.material = material;
    return true;
  }

  private read(): TlsMaterial {
    const result = readTlsFiles(this.settings, this.clock.nowMs());
    if (!('faults' in result)) return result;
    throw new Error(result.faults.map(({ problem, action }) => `${problem}; ${action}`).join('\n'));
  }
}

function secureContext({ cert, key, ca, crl }: TlsMaterial, { minVersion }: TlsSettings): SecureContext {
  return createSecureContext({
    cert,
    key,
    ca,
    ...(crl.length === 0 ? {} : { crl: [...crl] }),
    minVersion: `TLSv${minVersion}`,
    honorCipherOrder: true,
    // A client can't make us do the costly part of a handshake again and again on one connection.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    sessionIdContext: 'surety',
    sessionTimeout: SESSION_SECONDS,
  });
}
