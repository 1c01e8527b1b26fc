import { type PasswordHash, parsePasswordHash } from './password-hash.js';

/** A line of a password file that can't be used. Never holds what stands behind the name. */
export interface PasswordLineFault {
  /** Counts from 1. */
  readonly line: number;
  readonly problem: string;
}

/** What a password file says. */
export interface PasswordText {
  readonly hashes: ReadonlyMap<string, PasswordHash>;
  readonly faults: readonly PasswordLineFault[];
}

/** A name that can stand in a password file: whatever mosquitto takes too. */
export function isPasswordName(name: string): boolean {
  // eslint-disable-next-line no-control-regex
  return name.length > 0 && !/[:\u0000-\u001f\u007f]/.test(name) && !name.startsWith('#');
}

/** Reads `name:hash` lines, as mosquitto_passwd writes them. Empty lines and those that begin with # don't count. */
export function parsePasswordText(text: string): PasswordText {
  const hashes = new Map<string, PasswordHash>();
  const faults: PasswordLineFault[] = [];
  text.split('\n').forEach((raw, index) => {
    const content = raw.trimEnd();
    if (content === '' || content.startsWith('#')) return;
    const problem = addLine(content, hashes);
    if (problem !== undefined) faults.push({ line: index + 1, problem });
  });
  return { hashes, faults };
}

function addLine(content: string, hashes: Map<string, PasswordHash>): string | undefined {
  const colon = content.indexOf(':');
  const name = content.slice(0, colon);
  if (colon < 0 || !isPasswordName(name)) return 'is not of the form name:hash';
  if (hashes.has(name)) return `has the user ${name} for the second time`;
  const hash = parsePasswordHash(content.slice(colon + 1));
  if (hash === undefined) return `has no hash ($7$, $6$ or $argon2id$) for the user ${name}`;
  hashes.set(name, hash);
  return undefined;
}
