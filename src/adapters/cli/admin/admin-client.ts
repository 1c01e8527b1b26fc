import { readFileSync } from 'node:fs';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';

import type { Command } from 'commander';

import { type ConfigOptions, withConfigOption } from '../config-option.js';
import { EXIT } from '../exit.js';
import { CommandFailure } from '../failure.js';
import type { AdminActions, AdminRouteTo, Row } from './admin-actions.js';
import { inCommands } from './hints.js';

/** How a command finds the broker. */
export interface AdminOptions extends ConfigOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly json?: boolean;
}

/** Query parameters; what is undefined is left out. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

const ANSWER_MS_MAX = 60_000;

/** Adds the options that say how to get to the broker, and how to print. */
export function withAdminOptions(command: Command): Command {
  return withConfigOption(command)
    .option('--url <url>', 'the admin API; without it: that of the broker on this machine')
    .option('--token-file <file>', 'the file with a token for it; with --url')
    .option('--ca-file <file>', 'the certificates (PEM) that it is checked against; with --url')
    .option('--json', 'print JSON: an object, or of lists an object a line');
}

/** No broker runs there: what it would do may be done without it. */
export class BrokerAway extends CommandFailure {
  constructor(detail: string) {
    super(detail, EXIT.unreachable);
  }
}

/** Calls the admin API. */
export class AdminClient {
  private constructor(private readonly route: AdminRouteTo & { readonly caFile?: string | undefined }) {}

  /** @throws CommandFailure that says what to do, when it can't be told where the broker is. */
  static open(options: AdminOptions, actions: AdminActions): AdminClient {
    const { url, tokenFile, caFile } = options;
    if (url === undefined) {
      const route = actions.route(options);
      if (route !== undefined) return new AdminClient(route);
      const hint =
        'start it, name its configuration with --config, or its admin API with --url and --token-file';
      throw new BrokerAway(`no broker with an admin API runs on this data: ${hint}`);
    }
    if (tokenFile === undefined)
      throw new CommandFailure('--url takes --token-file as well', EXIT.wrongUsage);
    const secret = readFileSync(tokenFile, 'utf8').trim();
    return new AdminClient({ url, secret, certificate: undefined, caFile });
  }

  /**
   * Every item of a list, page by page. Resolves with the first page at hand: whoever does without a broker that doesn't answer
   * has printed nothing by then. @param max No more than so many.
   */
  async list(path: string, query: Query, max = Infinity): Promise<AsyncGenerator<readonly Row[]>> {
    return this.pagesFrom(await this.call('GET', path, { query }), path, query, max);
  }

  /** @throws CommandFailure with what the broker has to say. */
  async call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    { query = {}, body }: { readonly query?: Query; readonly body?: unknown } = {},
  ): Promise<Row> {
    const given = Object.entries(query).flatMap(([name, value = []]) =>
      (Array.isArray(value) ? value : [value]).map((each) => `${name}=${encodeURIComponent(String(each))}`),
    );
    const answer = await this.send(method, given.length === 0 ? path : `${path}?${given.join('&')}`, body);
    if (answer.status < 400) return parsed(answer.text);
    throw failureOf(answer);
  }

  private async *pagesFrom(
    first: Row,
    path: string,
    query: Query,
    max: number,
  ): AsyncGenerator<readonly Row[]> {
    let left = max;
    for (let page = first; ;) {
      const items = (page['items'] as readonly Row[]).slice(0, left);
      left -= items.length;
      yield items;
      const cursor = page['next'] as string | undefined;
      if (cursor === undefined || left <= 0) return;
      page = await this.call('GET', path, { query: { ...query, cursor } });
    }
  }

  private send(method: string, path: string, body: unknown): Promise<{ status: number; text: string }> {
    const { url, secret, certificate, caFile, operator } = this.route;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const type = text === undefined ? {} : { 'content-type': 'application/json' };
    const by = operator === undefined ? {} : { 'x-surety-operator': operator };
    const base = new URL(url);
    const options = {
      ...{ method, path: `${base.pathname.replace(/\/$/, '')}${path}`, timeout: ANSWER_MS_MAX },
      headers: { authorization: `Bearer ${secret}`, ...type, ...by },
      ...trustIn(certificate, caFile),
    } satisfies RequestOptions & Record<string, unknown>;
    return new Promise((resolve, reject) => {
      const send = base.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = send(base, options, (response) => {
        let received = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: received }));
        response.on('error', reject);
      });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${ANSWER_MS_MAX / 1000} s`)));
      request.on('error', (error) => reject(unreached(url, error)));
      request.end(text);
    });
  }
}

/** Only where nothing listens does no broker run; one that doesn't answer, or can't be trusted, may well. */
function unreached(url: string, { code, message }: NodeJS.ErrnoException): CommandFailure {
  const text = `the broker at ${url} can't be reached: ${message}`;
  const isAway = code === 'ECONNREFUSED' || code === 'ENOENT';
  return isAway ? new BrokerAway(text) : new CommandFailure(text, EXIT.unreachable);
}

/** The broker of this machine is known by its very certificate, whatever name that has. */
function trustIn(certificate: string | undefined, caFile: string | undefined) {
  if (certificate !== undefined) return { ca: certificate, checkServerIdentity: () => undefined };
  return caFile === undefined ? {} : { ca: readFileSync(caFile) };
}

function parsed(text: string): Row {
  try {
    return JSON.parse(text) as Row;
  } catch {
    throw new CommandFailure('what answers there is no broker: is --url right?', EXIT.failed);
  }
}

function failureOf({ status, text }: { readonly status: number; readonly text: string }): CommandFailure {
  const { detail, requestId } = parsed(text);
  const id = typeof requestId === 'string' ? ` (request ${requestId})` : '';
  const message = typeof detail === 'string' ? `${inCommands(detail)}${id}` : `the broker answered ${status}`;
  if (status === 404) return new CommandFailure(message, EXIT.notFound);
  return new CommandFailure(message, status === 401 || status === 403 ? EXIT.notAllowed : EXIT.failed);
}
