import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const DAY_MS = 86_400_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A certificate, and its private key; both PEM. */
export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
  readonly serialNumber: string;
}

/** What differs from a valid certificate for 127.0.0.1 and localhost. */
export interface CertificateTraits {
  readonly name?: string;
  /** Days from now; negative ones are past. */
  readonly fromDays?: number;
  readonly toDays?: number;
  readonly dns?: readonly string[];
  readonly email?: readonly string[];
  readonly uri?: readonly string[];
}

/** An authority of a test's own, that signs certificates and revokes them. */
export class TestAuthority {
  private serial = 1000;
  private readonly revoked: string[] = [];

  private constructor(
    private readonly name: string,
    private readonly keys: webcrypto.CryptoKeyPair,
    /** Its own certificate, PEM. */
    readonly cert: string,
  ) {}

  static async create(commonName = 'Test Authority'): Promise<TestAuthority> {
    const keys = await makeKeys();
    const name = `CN=${commonName}`;
    const certificate = await x509.X509CertificateGenerator.createSelfSigned(
      {
        serialNumber: '01',
        name,
        ...validity({}),
        signingAlgorithm: ALGORITHM,
        keys,
        extensions: [
          new x509.BasicConstraintsExtension(true, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        ],
      },
      webcrypto,
    );
    return new TestAuthority(name, keys, certificate.toString('pem'));
  }

  async issue(traits: CertificateTraits = {}): Promise<MadeCertificate> {
    const { name = 'localhost', dns = ['localhost'], email = [], uri = [] } = traits;
    const keys = await makeKeys();
    const serialNumber = (this.serial += 1).toString();
    const alternativeNames: x509.JsonGeneralNames = [
      { type: 'ip', value: '127.0.0.1' },
      ...dns.map((value) => ({ type: 'dns' as const, value })),
      ...email.map((value) => ({ type: 'email' as const, value })),
      ...uri.map((value) => ({ type: 'url' as const, value })),
    ];
    const certificate = await x509.X509CertificateGenerator.create(
      {
        serialNumber,
        subject: [{ CN: [name] }],
        issuer: this.name,
        ...validity(traits),
        signingAlgorithm: ALGORITHM,
        publicKey: keys.publicKey,
        signingKey: this.keys.privateKey,
        extensions: [new x509.SubjectAlternativeNameExtension(alternativeNames)],
      },
      webcrypto,
    );
    const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return {
      cert: certificate.toString('pem'),
      key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
      serialNumber,
    };
  }

  /** The list of what was revoked so far and now, PEM. */
  async revoke(...certificates: readonly MadeCertificate[]): Promise<string> {
    this.revoked.push(...certificates.map(({ serialNumber }) => serialNumber));
    const crl = await x509.X509CrlGenerator.create(
      {
        issuer: this.name,
        thisUpdate: new Date(Date.now() - DAY_MS),
        nextUpdate: new Date(Date.now() + DAY_MS),
        signingAlgorithm: ALGORITHM,
        signingKey: this.keys.privateKey,
        entries: this.revoked.map((serialNumber) => ({ serialNumber, revocationDate: new Date() })),
      },
      webcrypto,
    );
    return x509.PemConverter.encode(crl.rawData, 'X509 CRL');
  }
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity({ fromDays = -1, toDays = 30 }: CertificateTraits): { notBefore: Date; notAfter: Date } {
  const at = (days: number): Date => new Date(Date.now() + days * DAY_MS);
  return { notBefore: at(fromDays), notAfter: at(toDays) };
}
