import { writeFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { withinMs } from '../support/wait-until.js';

/** What a broker's process holds after a full collection of garbage, in bytes. */
export interface MemoryLevel {
  /** Objects and buffers that something still refers to. */
  readonly live: number;
  /** Resident memory, as the system sees it. */
  readonly resident: number;
}

const ANSWER_MS_MAX = 30_000;
/** Between two looks at what the broker's thread does, in microseconds. */
const SAMPLE_US = 500;

/** Looks into a broker that runs with Node's inspector on. */
export class BrokerProbe {
  private nextId = 1;
  private readonly answers = new Map<number, (result: unknown) => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      const { id, result } = JSON.parse(data.toString()) as { id?: number; result?: unknown };
      if (id === undefined) return;
      this.answers.get(id)?.(result);
      this.answers.delete(id);
    });
  }

  /** @param log What the broker has written to stderr: the inspector says there where it is. */
  static async attach(log: string): Promise<BrokerProbe> {
    const url = /Debugger listening on (ws:\S+)/.exec(log)?.[1];
    if (url === undefined) throw new Error('the broker runs without an inspector');
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return new BrokerProbe(socket);
  }

  async read(): Promise<MemoryLevel> {
    await this.call('HeapProfiler.collectGarbage', {});
    const expression = 'JSON.stringify(process.memoryUsage())';
    const { result } = (await this.call('Runtime.evaluate', { expression })) as { result: { value: string } };
    const { heapUsed, external, rss } = JSON.parse(result.value) as NodeJS.MemoryUsage;
    return { live: heapUsed + external, resident: rss };
  }

  /** From now on it is noted what the broker's thread does. */
  async beginProfile(): Promise<void> {
    await this.call('Profiler.enable', {});
    await this.call('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    await this.call('Profiler.start', {});
  }

  /** @param path Of the file that is written: developer tools of browsers and editors read it. */
  async endProfile(path: string): Promise<void> {
    const { profile } = (await this.call('Profiler.stop', {})) as { profile: object };
    writeFileSync(path, JSON.stringify(profile));
  }

  close(): void {
    this.socket.terminate();
  }

  private call(method: string, params: object): Promise<unknown> {
    const id = this.nextId++;
    const answer = new Promise((resolve) => this.answers.set(id, resolve));
    this.socket.send(JSON.stringify({ id, method, params }));
    return withinMs(answer, `the inspector to answer ${method}`, ANSWER_MS_MAX);
  }
}
