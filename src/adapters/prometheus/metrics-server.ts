import { createServer, type Server, type ServerResponse } from 'node:http';

import type { Registry } from 'prom-client';

/** Serves `/metrics`, `/livez` and `/readyz` over HTTP. */
export class MetricsServer {
  private readonly server: Server;

  constructor(
    private readonly registry: Registry,
    /** Why clients should not be sent here; undefined when they should. */
    private readonly unreadiness: () => string | undefined,
    private readonly address: { readonly host: string; readonly port: number },
  ) {
    this.server = createServer((request, response) => this.answer(request.url ?? '', response));
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

  /** The TCP port that it listens on; 0 while it doesn't. */
  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    await new Promise((resolve) => {
      this.server.close(resolve);
      this.server.closeAllConnections();
    });
  }

  private answer(url: string, response: ServerResponse): void {
    if (url === '/metrics') this.metrics(response);
    else if (url === '/livez') plain(response, 200, 'alive\n');
    else if (url === '/readyz') this.readiness(response);
    else plain(response, 404, 'there are /metrics, /livez and /readyz\n');
  }

  private metrics(response: ServerResponse): void {
    this.registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': this.registry.contentType }).end(text),
      (error: unknown) => plain(response, 500, String(error)),
    );
  }

  private readiness(response: ServerResponse): void {
    const reason = this.unreadiness();
    if (reason === undefined) plain(response, 200, 'ready\n');
    else plain(response, 503, `${reason}\n`);
  }
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}
