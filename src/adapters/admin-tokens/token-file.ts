import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import {
  ADMIN_SCOPES,
  type AdminScope,
  type AdminToken,
  type AdminTokens,
  LOCAL_TOKEN_NAME,
} from '../../application/ports/admin-tokens.js';
import type { Clock } from '../../application/ports/clock.js';
import type { Reloadable } from '../../application/ports/reloadable.js';
import { writeWhole } from '../files/whole-file.js';

/** A token, and the digest of its secret. */
export interface KeptToken extends AdminToken {
  /** SHA-256, in hexadecimal: enough for a secret that is 256 random bits. */
  readonly sha256: string;
}

const SECRET_BYTES = 32;

/**
 * Tokens in a file that only its owner reads. It is read anew whenever it has changed, so that a token that was revoked by
 * hand, or by another process, lets nobody in any more.
 */
export class TokenFile implements AdminTokens, Reloadable {
  readonly name = 'admin tokens';
  private read: { readonly stamp: string; readonly tokens: readonly KeptToken[] };
  /** The stamp of what `reload` has told of, or what was written here: a call may have read the file meanwhile. */
  private told: string;

  /**
   * @param local The broker's own token, which stands in no file.
   * @throws Error that says what to do, when something else stands in the file than tokens.
   */
  constructor(
    private readonly file: string,
    private readonly clock: Clock,
    private readonly local?: KeptToken,
  ) {
    this.read = readTokens(file);
    this.told = this.read.stamp;
  }

  get files(): readonly string[] {
    return [this.file];
  }

  /** Somebody else may have changed the file. */
  // eslint-disable-next-line @typescript-eslint/require-await
  async reload(): Promise<boolean> {
    this.tokens();
    const isChanged = this.read.stamp !== this.told;
    this.told = this.read.stamp;
    return isChanged;
  }

  find(secret: string): Promise<AdminToken | undefined> {
    const digest = Buffer.from(digestOf(secret), 'hex');
    let found: KeptToken | undefined;
    // All are compared, so that the time tells nothing of which it was.
    for (const kept of [...(this.local === undefined ? [] : [this.local]), ...this.known()])
      if (timingSafeEqual(digest, Buffer.from(kept.sha256, 'hex'))) found = kept;
    return Promise.resolve(found && publicPart(found));
  }

  list(): Promise<readonly AdminToken[]> {
    return Promise.resolve(
      this.known()
        .map(publicPart)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async add(name: string, scope: AdminScope): Promise<string | undefined> {
    const tokens = this.tokens();
    if (name === LOCAL_TOKEN_NAME || tokens.some((other) => other.name === name)) return undefined;
    const secret = newSecret();
    this.write([...tokens, { name, scope, createdAtMs: this.clock.nowMs(), sha256: digestOf(secret) }]);
    return secret;
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async revoke(name: string): Promise<boolean> {
    const tokens = this.tokens();
    const left = tokens.filter((token) => token.name !== name);
    if (left.length < tokens.length) this.write(left);
    return left.length < tokens.length;
  }

  /** While something else stands in the file, those that were there before hold: `reload` tells of it. */
  private known(): readonly KeptToken[] {
    try {
      return this.tokens();
    } catch {
      return this.read.tokens;
    }
  }

  /** @throws Error that says what to do, when something else stands in the file than tokens. */
  private tokens(): readonly KeptToken[] {
    if (this.read.stamp !== stampOf(this.file)) this.read = readTokens(this.file);
    return this.read.tokens;
  }

  /** Whole or not at all, whatever happens meanwhile. */
  private write(tokens: readonly KeptToken[]): void {
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    const rows = tokens.map(({ createdAtMs, ...token }) => ({
      ...token,
      createdAt: new Date(createdAtMs).toISOString(),
    }));
    writeWhole(this.file, `${JSON.stringify({ tokens: rows }, undefined, 2)}\n`, 0o600);
    this.read = readTokens(this.file);
    this.told = this.read.stamp;
  }
}

/** 256 random bits, with a beginning by which scanners know what they have found. */
export function newSecret(): string {
  return `surety_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function readTokens(file: string) {
  const stamp = stampOf(file);
  return { stamp, tokens: stamp === '' ? [] : parse(file) };
}

/** Differs whenever the file was written; empty where there is none. */
function stampOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino}/${stat.mtimeNs}/${stat.size}`;
}

/** @throws Error that says what to do, when something else stands in the file than we write. */
function parse(file: string): readonly KeptToken[] {
  try {
    const { tokens } = JSON.parse(readFileSync(file, 'utf8')) as { tokens: readonly unknown[] };
    return tokens.map(keptToken);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the file of admin tokens ${file} can't be read: ${reason}; mend it, or remove it`, {
      cause: error,
    });
  }
}

function keptToken(row: unknown): KeptToken {
  const { name, scope, sha256, createdAt } = row as Partial<Record<string, unknown>>;
  const createdAtMs = Date.parse(String(createdAt));
  const isSound =
    typeof name === 'string' &&
    ADMIN_SCOPES.includes(scope as AdminScope) &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    !Number.isNaN(createdAtMs);
  if (!isSound) throw new Error(`${JSON.stringify(name ?? row)} is no whole token`);
  return { name, scope: scope as AdminScope, sha256, createdAtMs };
}

function publicPart({ name, scope, createdAtMs }: KeptToken): AdminToken {
  return { name, scope, createdAtMs };
}
