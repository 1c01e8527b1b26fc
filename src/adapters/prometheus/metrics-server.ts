import { createServer, type Server } from 'node:http';

import type { Registry } from 'prom-client';

/** Serves `/metrics` over HTTP. */
export class MetricsServer {
  private readonly server: Server;

  constructor(
    private readonly registry: Registry,
    private readonly address: { readonly host: string; readonly port: number },
  ) {
    this.server = createServer((request, response) => {
      if (request.url !== '/metrics') {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('metrics are at /metrics\n');
        return;
      }
      this.registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': this.registry.contentType }).end(text),
        (error: unknown) => response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error)),
      );
    });
  }

  /** @throws Error that says what to do, when the address can't be had. */
  async start(): Promise<void> {
    const { host, port } = this.address;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error) => {
        reject(
          new Error(`can't serve metrics on ${host}:${port}: ${error.message}; set metrics.port`, {
            cause: error,
          }),
        );
      });
      this.server.listen(port, host, resolve);
    });
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    await new Promise((resolve) => this.server.close(resolve).closeAllConnections());
  }
}
