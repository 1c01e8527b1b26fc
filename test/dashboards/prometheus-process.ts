import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { waitUntil } from '../support/wait-until.js';

const DEPLOYED = fileURLToPath(new URL('../../deploy/prometheus/', import.meta.url));
const START_MS_MAX = 15_000;

/** A rule as Prometheus has evaluated it. */
export interface EvaluatedRule {
  readonly name: string;
  readonly query: string;
  readonly type: 'recording' | 'alerting';
  /** `ok`, `err`, or `unknown` before it was evaluated. */
  readonly health: string;
  readonly lastError?: string;
}

/** Values of one series; numbers are texts there. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [seconds: number, value: string];
  readonly values?: readonly (readonly [seconds: number, value: string])[];
}

/** Debian's Prometheus with the checked-in configuration. */
export class PrometheusProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
  ) {}

  /**
   * Starts it with what deploy/prometheus has, but for what is scraped, and how often: each second.
   * @param folder An empty one.
   * @throws Error with what it has said, when it doesn't start.
   */
  static async start(folder: string, target: string): Promise<PrometheusProcess> {
    const config = join(folder, 'prometheus.yml');
    writeFileSync(config, configFor(target));
    const args = ['--config.file', config, '--storage.tsdb.path', join(folder, 'data')];
    const child = spawn('prometheus', [...args, '--web.listen-address=127.0.0.1:0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.once('error', (error) => (said += String(error)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const address = (): string | undefined => /msg="Listening on" address=(\S+)/.exec(said)?.[1];
    try {
      await waitUntil(() => address() !== undefined, 'Prometheus to listen', START_MS_MAX);
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`Prometheus did not start:\n${said}`, { cause: error });
    }
    return new PrometheusProcess(child, `http://${address()}`);
  }

  /** The values of an expression now. */
  async now(query: string): Promise<readonly Series[]> {
    return (await this.ask<{ result: readonly Series[] }>('query', { query })).result;
  }

  /** The values of an expression over a time. */
  async over(query: string, fromMs: number, toMs: number, step: string): Promise<readonly Series[]> {
    const times = { start: String(fromMs / 1000), end: String(toMs / 1000), step };
    return (await this.ask<{ result: readonly Series[] }>('query_range', { query, ...times })).result;
  }

  async rules(): Promise<readonly EvaluatedRule[]> {
    const { groups } = await this.ask<{ groups: readonly { rules: readonly EvaluatedRule[] }[] }>(
      'rules',
      {},
    );
    return groups.flatMap(({ rules }) => rules);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    if (this.child.exitCode !== null) return;
    this.child.kill('SIGKILL');
    await ended;
  }

  private async ask<T>(what: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const query = new URLSearchParams(parameters).toString();
    const response = await fetch(`${this.url}/api/v1/${what}?${query}`);
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success')
      throw new Error(answer.error ?? `Prometheus has answered ${response.status}`);
    return answer.data;
  }
}

function configFor(target: string): string {
  const text = readFileSync(join(DEPLOYED, 'prometheus.yml'), 'utf8').replaceAll(
    "'surety:9400'",
    `'${target}'`,
  );
  if (!text.includes(target))
    throw new Error('deploy/prometheus/prometheus.yml has another target than expected');
  const config = parse(text) as { global: object; rule_files: string[] };
  return stringify({
    ...config,
    global: { ...config.global, scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: config.rule_files.map((files) => join(DEPLOYED, files)),
  });
}
