import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { SettingFault } from '../../application/ports/setting-fault.js';

/** The files behind TLS; all PEM. */
export interface TlsFiles {
  /** Our certificate, and behind it those of the authorities between it and the root. */
  readonly certFile: string;
  readonly keyFile: string;
  /** The authorities that client certificates are checked against. */
  readonly caFile?: string | undefined;
  readonly crlFiles: readonly string[];
}

/** What the files hold. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | undefined;
  readonly crl: readonly string[];
}

/** The names of all the files. */
export function tlsFileNames({ certFile, keyFile, caFile, crlFiles }: TlsFiles): string[] {
  return [certFile, keyFile, ...(caFile === undefined ? [] : [caFile]), ...crlFiles];
}

/**
 * Reads the files and checks that they can be used together, now.
 * @returns what they hold, or all that is wrong with them; told apart by `'faults' in result`.
 */
export function readTlsFiles(
  files: TlsFiles,
  nowMs: number,
): TlsMaterial | { readonly faults: readonly SettingFault[] } {
  const faults: SettingFault[] = [];
  const read = (
    path: SettingFault['path'],
    file: string,
    check: (pem: string) => string | undefined,
  ): string => {
    const text = textOf(file);
    const problem = 'problem' in text ? text.problem : check(text.pem);
    if (problem !== undefined)
      faults.push({ path, problem: `${file} ${problem}`, action: 'correct the file, or name another one' });
    return 'pem' in text ? text.pem : '';
  };
  const cert = read(['certFile'], files.certFile, (pem) => certificateProblem(pem, nowMs));
  const key = read(['keyFile'], files.keyFile, keyProblem);
  const { caFile } = files;
  const ca =
    caFile === undefined ? undefined : read(['caFile'], caFile, (pem) => authorityProblem(pem, nowMs));
  const crl = files.crlFiles.flatMap((file, index) =>
    blocksOf(read(['crlFiles', index], file, crlProblem), 'X509 CRL'),
  );
  if (faults.length === 0 && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    const problem = `${files.keyFile} is not the key of the certificate in ${files.certFile}`;
    faults.push({ path: ['keyFile'], problem, action: 'name the key that the certificate was made for' });
  }
  return faults.length > 0 ? { faults } : { cert, key, ca, crl };
}

function textOf(file: string): { readonly pem: string } | { readonly problem: string } {
  try {
    return { pem: readFileSync(file, 'utf8') };
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const known: Record<string, string> = {
      ENOENT: "doesn't exist",
      EACCES: "can't be read: this user has no permission",
      EISDIR: 'is a folder',
    };
    return { problem: known[code] ?? `can't be read (${code})` };
  }
}

function certificateProblem(pem: string, nowMs: number): string | undefined {
  const certificates = parsed(pem);
  if (certificates === undefined) return 'holds no certificate (PEM) that can be read';
  return certificates.map((certificate) => validityProblem(certificate, nowMs)).find(Boolean);
}

/** One valid authority is enough: bundles carry old ones along. */
function authorityProblem(pem: string, nowMs: number): string | undefined {
  const certificates = parsed(pem);
  if (certificates === undefined) return 'holds no certificate (PEM) that can be read';
  const problems = certificates.map((certificate) => validityProblem(certificate, nowMs));
  return problems.every((problem) => problem !== undefined) ? problems[0] : undefined;
}

/** Undefined where there is none, or one that is no certificate. */
function parsed(pem: string): X509Certificate[] | undefined {
  try {
    const certificates = blocksOf(pem, 'CERTIFICATE').map((block) => new X509Certificate(block));
    return certificates.length > 0 ? certificates : undefined;
  } catch {
    return undefined;
  }
}

function validityProblem(
  { subject, validFrom, validTo }: X509Certificate,
  nowMs: number,
): string | undefined {
  const name = subject.replaceAll('\n', ', ');
  if (nowMs > Date.parse(validTo)) return `holds a certificate that has expired on ${validTo}: ${name}`;
  if (nowMs < Date.parse(validFrom))
    return `holds a certificate that is valid only from ${validFrom}: ${name}`;
  return undefined;
}

function keyProblem(pem: string): string | undefined {
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: .*ENCRYPTED/m.test(pem))
    return 'holds a key that is encrypted: the broker has no passphrase for it';
  try {
    createPrivateKey(pem);
    return undefined;
  } catch {
    return 'holds no private key (PEM) that can be read';
  }
}

function crlProblem(pem: string): string | undefined {
  const blocks = blocksOf(pem, 'X509 CRL');
  if (blocks.length === 0) return 'holds no certificate revocation list (PEM)';
  try {
    createSecureContext({ crl: blocks });
    return undefined;
  } catch {
    return "holds a certificate revocation list that can't be read";
  }
}

/** OpenSSL reads only the first of several revocation lists in a text, so each is given by itself. */
function blocksOf(pem: string, label: string): string[] {
  return pem.match(new RegExp(`-----BEGIN ${label}-----[^]*?-----END ${label}-----`, 'g')) ?? [];
}
