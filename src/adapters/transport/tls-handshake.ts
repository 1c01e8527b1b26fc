import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ClientCertificate } from '../../domain/access/client-certificate.js';
import { describeCertificate } from './client-certificate.js';
import type { TlsCredentials } from './tls-credentials.js';

/** Who is told how a handshake went; one of the two, once, unless the connection ends before. */
export interface HandshakeOutcome {
  secured(socket: TLSSocket, certificate: ClientCertificate | undefined): void;
  /** @param detail The code of the error. */
  failed(reason: 'tls_failed' | 'certificate_refused', detail: string): void;
}

/** Does the server's side of a TLS handshake on a connection. How long that may take is for the caller to see to. */
export function secure(
  socket: Socket,
  credentials: TlsCredentials,
  alpn: string,
  outcome: HandshakeOutcome,
): void {
  const { clientCertificates } = credentials.settings;
  const secured = new TLSSocket(socket, {
    isServer: true,
    secureContext: credentials.secureContext,
    requestCert: clientCertificates !== 'off',
    rejectUnauthorized: clientCertificates === 'required',
    ALPNProtocols: [alpn],
  });
  let isDone = false;
  secured.on('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => {
    secured.destroy();
    // A peer that goes away in the middle has not failed: the end of the connection tells of it.
    if (isDone || code === 'ECONNRESET') return;
    isDone = true;
    outcome.failed(code === NO_CERTIFICATE ? 'certificate_refused' : 'tls_failed', code);
  });
  secured.once('secure', () => {
    isDone = true;
    const certificate = clientCertificates === 'off' ? undefined : secured.getPeerX509Certificate();
    const problem = certificate === undefined ? undefined : verificationProblem(secured);
    if (problem !== undefined) return outcome.failed('certificate_refused', problem);
    outcome.secured(secured, certificate && describeCertificate(certificate));
  });
}

const NO_CERTIFICATE = 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE';

/** What OpenSSL found against the peer's certificate, as Node.js asks it for the sockets of its own TLS servers. */
function verificationProblem(socket: TLSSocket): string | undefined {
  const { ssl } = socket as TLSSocket & { ssl: { verifyError(): NodeJS.ErrnoException | null } };
  const error = ssl.verifyError();
  return error === null ? undefined : (error.code ?? error.message);
}
