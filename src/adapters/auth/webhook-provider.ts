import type {
  AuthenticationProvider,
  ProviderDecision,
} from '../../application/ports/authentication-provider.js';
import type { Credentials } from '../../application/ports/authenticator.js';
import type { Clock } from '../../application/ports/clock.js';
import { AnswerCache } from './answer-cache.js';
import { claimedPrincipal } from './claimed-rules.js';
import { FileTexts } from './file-texts.js';
import { JsonPost } from './json-post.js';
import { refused } from './refused.js';
import { TurnQueue } from './turn-queue.js';

/** The web service, and how often it is asked. */
export interface WebhookSettings {
  readonly url: string;
  readonly caFile?: string | undefined;
  readonly secretFile?: string | undefined;
  readonly timeoutSeconds: number;
  readonly concurrencyMax: number;
  readonly queueMax: number;
  readonly cacheSeconds: number;
  readonly cacheEntriesMax: number;
}

/** A web service that is asked by POST. */
export class WebhookProvider implements AuthenticationProvider {
  readonly files: readonly string[];
  private readonly texts: FileTexts<'ca' | 'secret'>;
  private readonly post: JsonPost;
  private readonly turns: TurnQueue;
  private readonly cache: AnswerCache;

  constructor(
    readonly name: string,
    settings: WebhookSettings,
    private readonly clock: Clock,
  ) {
    const { url, caFile, secretFile, timeoutSeconds, cacheSeconds, cacheEntriesMax } = settings;
    this.texts = new FileTexts({ ca: caFile, secret: secretFile });
    this.files = this.texts.files;
    this.post = new JsonPost({ url, timeoutMs: timeoutSeconds * 1000 });
    this.turns = new TurnQueue(settings);
    this.cache = new AnswerCache({ ms: cacheSeconds * 1000, entriesMax: cacheEntriesMax });
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async reload(): Promise<boolean> {
    return this.texts.reload();
  }

  async decide(credentials: Credentials): Promise<ProviderDecision> {
    const question = questionOf(credentials);
    const key = this.cache.keyOf(question);
    const known = this.cache.get(key, this.clock.nowMs());
    if (known !== undefined) return known;
    const answer = await this.turns.run(
      () => this.ask(question),
      () => credentials.isAwaited(),
    );
    const nowMs = this.clock.nowMs();
    const decision = decisionFrom(answer, credentials.userName, nowMs);
    this.cache.set(key, decision, nowMs);
    return decision;
  }

  private ask(question: string): Promise<unknown> {
    const secret = this.texts.get('secret');
    const headers: Record<string, string> =
      secret === undefined ? {} : { authorization: `Bearer ${secret.trim()}` };
    return this.post.ask(question, { ca: this.texts.get('ca'), headers });
  }

  stop(): Promise<void> {
    this.post.close();
    return Promise.resolve();
  }
}

function questionOf(credentials: Credentials): string {
  const { clientId, userName, password, remoteAddress: address, listener, certificate } = credentials;
  const text = password === undefined ? undefined : Buffer.from(password).toString();
  // A password needn't be text.
  const isText = text === undefined || Buffer.from(text).equals(Buffer.from(password ?? []));
  const secret = isText
    ? { password: text }
    : { passwordBase64: Buffer.from(password ?? []).toString('base64') };
  return JSON.stringify({ clientId, userName, ...secret, address, listener, certificate });
}

/** @throws Error when it can't be understood: then it is no answer, and nobody is let in by it. */
function decisionFrom(answer: unknown, userName: string | undefined, nowMs: number): ProviderDecision {
  if (typeof answer !== 'object' || answer === null)
    throw new Error('the answer of the web service is no object');
  const {
    result,
    principal: claimed,
    roles,
    rules,
    expiresInSeconds,
    reason,
  } = answer as Record<string, unknown>;
  if (result === 'ignore') return 'ignored';
  if (result === 'deny') {
    const isReason = typeof reason === 'string' && /^\w{1,64}$/.test(reason);
    return refused(isReason ? reason : 'webhook_denied');
  }
  if (result !== 'allow')
    throw new Error('the answer of the web service has no result allow, deny or ignore');
  const name = claimed ?? userName;
  if (name !== undefined && typeof name !== 'string')
    throw new Error('the principal in the answer is no text');
  const principal = claimedPrincipal(name, roles, rules ?? undefined, 'webhook');
  if (principal === undefined)
    throw new Error('the answer of the web service has roles or rules that are not valid');
  if (expiresInSeconds != null && !(typeof expiresInSeconds === 'number' && expiresInSeconds > 0))
    throw new Error('expiresInSeconds in the answer is no number above 0');
  return {
    principal,
    expiresAtMs: expiresInSeconds == null ? undefined : nowMs + expiresInSeconds * 1000,
  };
}
