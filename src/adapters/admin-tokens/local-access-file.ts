import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

import { LOCAL_TOKEN_NAME } from '../../application/ports/admin-tokens.js';
import type { Clock } from '../../application/ports/clock.js';
import type { LocalAccess } from '../../application/ports/local-access.js';
import type { Logger } from '../../application/ports/logger.js';
import { writeWhole } from '../files/whole-file.js';
import { digestOf, type KeptToken, newSecret } from './token-file.js';

/** How somebody on this machine gets to the admin API. */
export interface LocalRoute {
  readonly url: string;
  readonly secret: string;
  /** What to trust there, in PEM, whatever its name; undefined for plain HTTP. */
  readonly certificate: string | undefined;
}

/**
 * A file beside the broker's data that says where its admin API is, with a token that lasts as long as the broker runs: who may
 * read the broker's files may do everything with it anyway.
 */
export class LocalAccessFile implements LocalAccess {
  readonly token: KeptToken;
  private readonly secret = newSecret();

  constructor(
    private readonly file: string,
    clock: Clock,
    private readonly logger: Logger,
  ) {
    const sha256 = digestOf(this.secret);
    this.token = { name: LOCAL_TOKEN_NAME, scope: 'administer', createdAtMs: clock.nowMs(), sha256 };
  }

  /** A broker that may not write there goes on: the API then takes a token that was made. */
  open(url: string, certificate: string | undefined): void {
    const route: LocalRoute = { url, secret: this.secret, certificate };
    try {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
      writeWhole(this.file, `${JSON.stringify(route)}\n`, 0o600);
    } catch (error) {
      this.logger.warn('local commands will need a token', { file: this.file, reason: String(error) });
    }
  }

  /** The file of another broker that has taken the folder over stays. */
  close(): void {
    if (readLocalRoute(this.file)?.secret === this.secret) rmSync(this.file, { force: true });
  }
}

/** @returns undefined when no broker has left one, or when we may not read it. */
export function readLocalRoute(file: string): LocalRoute | undefined {
  try {
    const route = JSON.parse(readFileSync(file, 'utf8')) as LocalRoute;
    return typeof route.url === 'string' && typeof route.secret === 'string' ? route : undefined;
  } catch {
    return undefined;
  }
}
