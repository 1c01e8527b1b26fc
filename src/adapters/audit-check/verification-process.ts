import { type ChildProcess, spawn } from 'node:child_process';

import type { Verification } from '../../application/ports/audit-archive.js';
import type { Clock } from '../../application/ports/clock.js';

/** Of what the command writes, so much is kept. */
const OUTPUT_LENGTH_MAX = 65_536;
const INTACT = 0;
const TAMPERED = 1;

/** Verifies the trail by the command that does it, in a process of its own: to hash a long trail would hold up clients. */
export class VerificationProcess {
  latest: Verification | undefined;
  private child: ChildProcess | undefined;

  /** @param command The program that runs, and its arguments; it prints a JSON object. */
  constructor(
    private readonly command: readonly [string, ...string[]],
    private readonly clock: Clock,
  ) {}

  /** Begins a verification, unless one is under way. */
  start(): Verification {
    if (this.latest?.state === 'running') return this.latest;
    const running: Verification = {
      ...{ state: 'running', startedAtMs: this.clock.nowMs() },
      ...{ endedAtMs: undefined, report: undefined, failure: undefined },
    };
    this.latest = running;
    const [program, ...args] = this.command;
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    const output = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out = kept(output.out + text)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err = kept(output.err + text)));
    child.on('error', (error) => this.ended(running, { failure: error.message }));
    child.on('close', (code) => this.ended(running, outcomeOf(code, output)));
    return running;
  }

  /** Ends what is under way. */
  stop(): void {
    this.child?.kill();
  }

  private ended(
    running: Verification,
    outcome: Partial<Pick<Verification, 'state' | 'report' | 'failure'>>,
  ): void {
    if (this.latest !== running) return;
    this.latest = { ...running, state: 'failed', ...outcome, endedAtMs: this.clock.nowMs() };
  }
}

function outcomeOf(code: number | null, { out, err }: { readonly out: string; readonly err: string }) {
  if (code !== INTACT && code !== TAMPERED) return { failure: err.trim() || 'the verification was cut off' };
  try {
    const report = JSON.parse(out) as Record<string, unknown>;
    return { state: code === INTACT ? 'intact' : 'tampered', report } as const;
  } catch {
    return { failure: err.trim() || 'the verification said nothing' };
  }
}

function kept(text: string): string {
  return text.slice(-OUTPUT_LENGTH_MAX);
}
