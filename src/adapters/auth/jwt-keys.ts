import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { SettingFault } from '../../application/ports/setting-fault.js';

/** Where the keys are that tokens are checked with. */
export interface JwtKeySettings {
  readonly algorithms: readonly string[];
  readonly secretFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly jwksFile?: string | undefined;
}

/** A key, or a set of them to choose from. */
export interface TokenKey {
  readonly key: JWTVerifyGetKey;
  /** By which a key is told from another. */
  readonly material: string;
}

/** The file with the keys; undefined when they are fetched. */
export function keyFileOf({ secretFile, keyFile, jwksFile }: JwtKeySettings): string | undefined {
  const file = secretFile ?? keyFile ?? jwksFile;
  return file === undefined ? undefined : resolve(file);
}

/** @throws Error that says what is wrong with the file, and never what is in it. */
export async function readTokenKey(settings: JwtKeySettings): Promise<TokenKey> {
  const file = keyFileOf(settings) ?? '';
  const bytes = await readFile(file);
  const material = bytes.toString('base64');
  if (settings.secretFile !== undefined)
    return { key: only(secretFrom(bytes, settings.algorithms, file)), material };
  if (settings.jwksFile !== undefined) return { key: keySetFrom(bytes.toString(), file), material };
  try {
    return { key: only(createPublicKey(bytes)), material };
  } catch (error) {
    throw new Error(`${file} holds no public key or certificate in PEM`, { cause: error });
  }
}

/** What is wrong with the keys of a provider. @param path Where it stands in the configuration. */
export async function tokenKeyFaults(
  settings: JwtKeySettings,
  path: SettingFault['path'],
): Promise<readonly SettingFault[]> {
  const key = (['secretFile', 'keyFile', 'jwksFile'] as const).find((name) => settings[name] !== undefined);
  if (key === undefined) return [];
  try {
    await readTokenKey(settings);
    return [];
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? `${keyFileOf(settings) ?? ''} is not there` : message;
    return [
      { path: [...path, key], problem, action: 'put the key of the issuer there, or correct the name' },
    ];
  }
}

/** A secret has to be as long as the hash at least (RFC 7518, 3.2). */
function secretFrom(bytes: Buffer, algorithms: readonly string[], file: string): KeyObject {
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end--;
  if (bytes[end - 1] === 0x0d) end--;
  const bytesMin = Math.max(...algorithms.map((algorithm) => Number(algorithm.slice(2)) / 8));
  if (end < bytesMin)
    throw new Error(`the secret in ${file} has ${end} bytes, and ${algorithms.join(', ')} need ${bytesMin}`);
  return createSecretKey(bytes.subarray(0, end));
}

/** Whatever key a token asks for. */
function only(key: KeyObject): JWTVerifyGetKey {
  return () => Promise.resolve(key);
}

function keySetFrom(text: string, file: string): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
  } catch (error) {
    throw new Error(`${file} is no JSON Web Key Set`, { cause: error });
  }
}
