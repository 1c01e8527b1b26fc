import * as http from 'node:http';
import * as https from 'node:https';

/** How a web service is asked. */
export interface JsonPostSettings {
  readonly url: string;
  /** Milliseconds for the whole of it. */
  readonly timeoutMs: number;
}

/** What both sides prove to be who they are by. */
export interface PostProof {
  /** PEM; undefined takes the authorities of Node.js. */
  readonly ca: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Longer answers are no answers. */
const ANSWER_BYTES_MAX = 65_536;

/** Asks a web service again and again, by connections that stay open. Redirects are not followed. */
export class JsonPost {
  private readonly agent: http.Agent | https.Agent;
  private readonly request: typeof http.request;

  constructor(private readonly settings: JsonPostSettings) {
    const isSecure = settings.url.startsWith('https:');
    this.agent = new (isSecure ? https : http).Agent({ keepAlive: true });
    this.request = isSecure ? https.request : http.request;
  }

  /** @returns what the JSON of an answer with status 200 says. @throws Error for anything else, without its content. */
  ask(body: string, { ca, headers }: PostProof): Promise<unknown> {
    const { url, timeoutMs } = this.settings;
    return new Promise((resolve, reject) => {
      const request = this.request(url, {
        method: 'POST',
        agent: this.agent,
        // A connection is used again for the same authorities alone.
        ...(ca === undefined ? {} : { ca }),
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
        signal: AbortSignal.timeout(timeoutMs),
      });
      request.on('error', (error) =>
        reject(error.name === 'TimeoutError' || error.name === 'AbortError' ? late(timeoutMs) : error),
      );
      request.on('response', (response) => void readAnswer(response).then(resolve, reject));
      request.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

function late(timeoutMs: number): Error {
  return new Error(`the web service has not answered within ${timeoutMs / 1000} s`);
}

async function readAnswer(response: http.IncomingMessage): Promise<unknown> {
  const { statusCode } = response;
  if (statusCode !== 200) {
    response.destroy();
    throw new Error(`the web service answers with status ${statusCode ?? 0}, not 200`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('the answer of the web service is too long');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    throw new Error('the answer of the web service is no JSON');
  }
}
