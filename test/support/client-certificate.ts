import type { ClientCertificate } from '../../src/domain/access/client-certificate.js';

/** A certificate with nothing in it but what a test names. */
export function certificateOf(changes: Partial<ClientCertificate>): ClientCertificate {
  return {
    commonName: undefined,
    alternativeNames: { dns: [], email: [], uri: [] },
    serialNumber: '0a',
    fingerprint: 'ff'.repeat(32),
    ...changes,
  };
}
