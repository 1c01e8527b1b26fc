/** What a client's certificate says, once the listener has checked it against its authorities. */
export interface ClientCertificate {
  /** The common name of the subject; undefined where it has none. */
  readonly commonName: string | undefined;
  /** The subject's alternative names, by their kind. */
  readonly alternativeNames: {
    readonly dns: readonly string[];
    readonly email: readonly string[];
    readonly uri: readonly string[];
  };
  /** In hexadecimal, as the authority gave it. */
  readonly serialNumber: string;
  /** SHA-256 of the certificate, in hexadecimal without separators. */
  readonly fingerprint: string;
}
