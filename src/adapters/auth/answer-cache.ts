import { createHmac, randomBytes } from 'node:crypto';
import type { ProviderDecision } from '../../application/ports/authentication-provider.js';

interface Entry {
  readonly decision: ProviderDecision;
  readonly untilMs: number;
}

/** Answers to credentials for a while. What they were is kept as a keyed digest, with a key that lives in memory alone. */
export class AnswerCache {
  private readonly key = randomBytes(32);
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly limits: { readonly ms: number; readonly entriesMax: number }) {}

  keyOf(question: string): string {
    return createHmac('sha256', this.key).update(question).digest('base64');
  }

  get(key: string, nowMs: number): ProviderDecision | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined || entry.untilMs > nowMs) return entry?.decision;
    this.entries.delete(key);
    return undefined;
  }

  /** The oldest answer gives way. */
  set(key: string, decision: ProviderDecision, nowMs: number): void {
    const { ms, entriesMax } = this.limits;
    if (ms === 0) return;
    this.entries.delete(key);
    const [oldest] = this.entries.keys();
    if (this.entries.size >= entriesMax && oldest !== undefined) this.entries.delete(oldest);
    const expiresAtMs =
      typeof decision === 'object' && 'expiresAtMs' in decision ? decision.expiresAtMs : undefined;
    this.entries.set(key, { decision, untilMs: Math.min(nowMs + ms, expiresAtMs ?? Infinity) });
  }
}
