import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { MadeCertificate } from './certificates.js';

/** A web service on a free port, which answers as a test says. */
export class WebService {
  /** What it was asked, and with which authorization. */
  readonly asked: { readonly body: Record<string, unknown>; readonly authorization: string | undefined }[] =
    [];
  /** Undefined never answers. */
  answer: (body: Record<string, unknown>) => { status?: number; text: string } | undefined = () => ({
    text: '{}',
  });

  private constructor(
    private readonly server: Server,
    private readonly scheme: string,
  ) {}

  /** @param certificate What it shows over TLS; plain HTTP when absent. */
  static async start(certificate?: MadeCertificate): Promise<WebService> {
    const server = certificate === undefined ? createServer() : createSecureServer(certificate);
    const service = new WebService(server, certificate === undefined ? 'http' : 'https');
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
        service.asked.push({ body, authorization: request.headers.authorization });
        const answer = service.answer(body);
        if (answer === undefined) return;
        response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
        response.end(answer.text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
