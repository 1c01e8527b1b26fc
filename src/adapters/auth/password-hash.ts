import { createHash, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { hash as argon2, hashRawSync } from '@node-rs/argon2';

/** A password as it is stored: never the password itself. */
export type PasswordHash =
  /** As mosquitto_passwd makes it by default: PBKDF2 with HMAC-SHA-512. */
  | {
      readonly kind: 'pbkdf2';
      readonly iterations: number;
      readonly salt: Uint8Array;
      readonly hash: Uint8Array;
    }
  /** As mosquitto 1.6 and earlier made it: SHA-512 of the password and a salt, once. */
  | { readonly kind: 'sha512'; readonly salt: Uint8Array; readonly hash: Uint8Array }
  /** In the PHC string format. */
  | {
      readonly kind: 'argon2id';
      readonly cost: Argon2Cost;
      readonly salt: Uint8Array;
      readonly hash: Uint8Array;
    };

/** What argon2id costs. */
export interface Argon2Cost {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/**
 * What OWASP takes for as good as 19 MiB and 2 passes. It stays in a processor's cache, so that on a busy machine it
 * disturbs others less, and takes a third of the time. Memory is in KiB.
 */
const NEW_COST: Argon2Cost = { memoryCost: 7168, timeCost: 5, parallelism: 1 };
/** A stored hash that costs more is taken for a mistake: one login would hold up all others. */
const MEMORY_COST_MAX = 1_048_576;
const TIME_COST_MAX = 100;
const ITERATIONS_MAX = 10_000_000;
const SHA512_BYTES = 64;

/** Reads `$7$`, `$6$` or `$argon2id$`; undefined when it is none of them, or costs more than may be. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  if (text.startsWith('$argon2id$')) return parseArgon2(text);
  const [before, method, ...fields] = text.split('$');
  if (before !== '') return undefined;
  if (method === '7' && fields.length === 3) {
    const [iterations, salt, hash] = [Number(fields[0]), bytesOf(fields[1]), bytesOf(fields[2])];
    const isSound = Number.isInteger(iterations) && iterations >= 1 && iterations <= ITERATIONS_MAX;
    if (!isSound || salt === undefined || hash?.length !== SHA512_BYTES) return undefined;
    return { kind: 'pbkdf2', iterations, salt, hash };
  }
  if (method !== '6' || fields.length !== 2) return undefined;
  const [salt, hash] = fields.map(bytesOf);
  return salt === undefined || hash?.length !== SHA512_BYTES ? undefined : { kind: 'sha512', salt, hash };
}

/** Whether it is the password that was stored. It takes its time, and the thread's. Bytes compare in constant time. */
export function verifyPassword(stored: PasswordHash, password: Uint8Array): boolean {
  return timingSafeEqual(hashedLike(stored, password), stored.hash);
}

function hashedLike(stored: PasswordHash, password: Uint8Array): Uint8Array {
  const { hash, salt } = stored;
  switch (stored.kind) {
    case 'argon2id':
      // The library's own check takes text alone, and a password needn't be.
      return hashRawSync(password, { ...stored.cost, salt, outputLen: hash.length });
    case 'pbkdf2':
      return pbkdf2Sync(password, salt, stored.iterations, hash.length, 'sha512');
    case 'sha512':
      return createHash('sha512').update(password).update(salt).digest();
  }
}

/** A new hash of a password: argon2id, the library's default, with a salt of its own. */
export function hashPassword(password: Uint8Array | string): Promise<string> {
  return argon2(password, NEW_COST);
}

/** What checking it costs: two hashes with the same text cost the same. */
export function costOf(stored: PasswordHash): string {
  if (stored.kind === 'argon2id') return `argon2id ${JSON.stringify(stored.cost)}`;
  return stored.kind === 'pbkdf2' ? `pbkdf2 ${stored.iterations}` : stored.kind;
}

/** A hash that no password has, and that costs as much to check as `model`, or else as a new one. */
export function decoyOf(model: PasswordHash | undefined): PasswordHash {
  const salt = randomBytes(16);
  if (model === undefined) return { kind: 'argon2id', cost: NEW_COST, salt, hash: randomBytes(32) };
  return { ...model, salt, hash: randomBytes(model.hash.length) };
}

function parseArgon2(text: string): PasswordHash | undefined {
  const match =
    /^\$argon2id\$v=19\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,171})$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [memoryCost = 0, timeCost = 0, parallelism = 0] = match.slice(1, 4).map(Number);
  const isSound = memoryCost >= 8 * parallelism && timeCost >= 1 && parallelism >= 1;
  if (!isSound || memoryCost > MEMORY_COST_MAX || timeCost > TIME_COST_MAX) return undefined;
  const [salt, hash] = match.slice(4).map((field) => Buffer.from(field, 'base64'));
  if (salt === undefined || hash === undefined) return undefined;
  return { kind: 'argon2id', cost: { memoryCost, timeCost, parallelism }, salt, hash };
}

function bytesOf(base64: string | undefined): Buffer | undefined {
  if (base64 === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  return Buffer.from(base64, 'base64');
}
