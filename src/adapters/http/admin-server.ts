import type { Server as TlsServer } from 'node:tls';
import { isIPv6 } from 'node:net';

import type { FastifyInstance } from 'fastify';

import type { AdminCertificate } from './admin-certificate.js';
import { adminApp, type AdminParts } from './admin-app.js';
import type { LocalAccess } from '../../application/ports/local-access.js';

/** Where the API is served. */
export interface AdminAddress {
  readonly host: string;
  readonly port: number;
}

type SecureServer = Pick<TlsServer, 'setSecureContext'>;

/** Serves the admin API. */
export class AdminServer {
  private app: FastifyInstance | undefined;

  constructor(
    private readonly parts: AdminParts,
    private readonly address: AdminAddress,
    readonly certificate: AdminCertificate,
    private readonly local: LocalAccess,
  ) {}

  /** @throws Error that says what to do, when the address or the certificate can't be had. */
  async start(): Promise<void> {
    const { host, port } = this.address;
    const tls = this.certificate.read();
    const app = await adminApp(this.parts, tls);
    this.app = app;
    await app.listen({ host, port }).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`can't serve the admin API on ${host}:${port}: ${reason}; set admin.port`, {
        cause: error,
      });
    });
    const url = `${tls === undefined ? 'http' : 'https'}://${reachable(host)}:${boundPort(app)}`;
    this.parts.logger.info('admin API listening', { url });
    this.local.open(url, tls?.cert);
    this.certificate.onChange((pair) => {
      if ('setSecureContext' in app.server) (app.server as SecureServer).setSecureContext(pair);
      this.local.open(url, pair.cert);
    });
  }

  async stop(): Promise<void> {
    this.local.close();
    this.parts.archive.stop();
    await this.app?.close();
  }
}

function boundPort(app: FastifyInstance): number {
  const bound = app.server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

/** The address by which somebody on this machine gets there. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIPv6(host) ? `[${host}]` : host;
}
