import type { X509Certificate } from 'node:crypto';
import type { ClientCertificate } from '../../domain/access/client-certificate.js';

/** What a certificate says of its owner. */
export function describeCertificate(certificate: X509Certificate): ClientCertificate {
  // The types leave out that it is an array where there are several.
  const { subject } = certificate.toLegacyObject() as { subject?: { CN?: string | string[] } };
  const commonName = subject?.CN;
  const names = alternativeNames(certificate.subjectAltName ?? '');
  const ofKind = (kind: string): string[] => names.flatMap(([k, value]) => (k === kind ? [value] : []));
  return {
    // Several would leave it to chance who the client is.
    commonName: typeof commonName === 'string' ? commonName : undefined,
    alternativeNames: { dns: ofKind('DNS'), email: ofKind('email'), uri: ofKind('URI') },
    serialNumber: certificate.serialNumber,
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

/** Node.js gives `DNS:a.example, URI:"one, two"`: values that could be mistaken are JSON strings. */
function alternativeNames(text: string): [kind: string, value: string][] {
  return [...text.matchAll(/([^:,\s][^:,]*):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g)].map(
    ([, kind = '', value = '']) => [kind, value.startsWith('"') ? (JSON.parse(value) as string) : value],
  );
}
