import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What carries MQTT between load generator and broker. */
export const TRANSPORTS = ['tcp', 'tls', 'ws'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** The files of a certificate for 127.0.0.1. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Puts certificate and key where a broker may read them, whatever user it runs as. */
export function copyCertificate(rootDirectory: string, directory: string): CertificateFiles {
  const copy = (name: string): string => {
    const path = join(directory, name);
    writeFileSync(path, readFileSync(join(rootDirectory, 'test/support/certificates', name)));
    return path;
  };
  return { certFile: copy('localhost.pem'), keyFile: copy('localhost.key.pem') };
}
