import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** Where the API's certificate and its key are; both or neither: without them it is plain HTTP. */
export interface AdminTlsFiles {
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** A certificate and its private key, in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** What the admin API is served with by TLS: read anew when it changes, for connections from then on. */
export class AdminCertificate {
  private current: KeyPair | undefined;
  private listener: (pair: KeyPair) => void = () => undefined;

  constructor(private readonly where: AdminTlsFiles) {}

  get files(): readonly string[] {
    const { certFile, keyFile } = this.where;
    return certFile === undefined || keyFile === undefined ? [] : [certFile, keyFile];
  }

  /** @returns undefined where there is none. @throws Error that says which setting names what can't be used. */
  read(): KeyPair | undefined {
    const { certFile, keyFile } = this.where;
    if (certFile === undefined || keyFile === undefined) return undefined;
    const pair = { cert: textOf('certFile', certFile), key: textOf('keyFile', keyFile) };
    try {
      createSecureContext(pair);
    } catch (error) {
      throw new Error(`admin.tls: ${certFile} and ${keyFile} can't be used together: ${String(error)}`, {
        cause: error,
      });
    }
    return (this.current = pair);
  }

  /** @returns whether it is another one. @throws as `read` does; the old one stays then. */
  // eslint-disable-next-line @typescript-eslint/require-await
  async reload(): Promise<boolean> {
    const before = this.current;
    const pair = this.read();
    if (pair === undefined || (pair.cert === before?.cert && pair.key === before.key)) return false;
    this.listener(pair);
    return true;
  }

  /** Calls the listener with each that takes the place of the one before. */
  onChange(listener: (pair: KeyPair) => void): void {
    this.listener = listener;
  }
}

function textOf(key: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`admin.tls.${key}: ${(error as Error).message}`, { cause: error });
  }
}
