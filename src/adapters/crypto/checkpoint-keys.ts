import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type {
  CheckpointSigner,
  SignatureVerdict,
  SignatureVerifier,
} from '../../application/ports/checkpoint-signer.js';
import { writeWhole } from '../files/whole-file.js';

/** The files of a key pair. */
export interface KeyFiles {
  /** PEM, PKCS 8; for its owner alone. */
  readonly privateFile: string;
  /** PEM, SPKI; for everybody. */
  readonly publicFile: string;
  /** The name of the key, as checkpoints bear it. */
  readonly key: string;
}

/** Where the public key stands, beside the private one. */
export function publicFileOf(privateFile: string): string {
  return privateFile.endsWith('.pem') ? `${privateFile.slice(0, -4)}.pub.pem` : `${privateFile}.pub.pem`;
}

/**
 * Makes an Ed25519 key pair.
 * @param privateFile Where the private key goes; the public one goes beside it. Directories are made.
 * @throws Error when either file is there already: a key that has signed is never replaced.
 */
export function generateKeyFiles(privateFile: string): KeyFiles {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicFile = publicFileOf(privateFile);
  for (const file of [privateFile, publicFile]) {
    if (existsSync(file))
      throw new Error(`${file} is there already, and a key is never replaced: name another directory`);
  }
  mkdirSync(dirname(privateFile), { recursive: true, mode: 0o750 });
  // In this order, as the public key can be had from the private one.
  writeWhole(privateFile, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
  writePublic(publicFile, publicKey);
  return { privateFile, publicFile, key: keyName(publicKey) };
}

/** Signs checkpoints with a private key. */
export class KeyFileSigner implements CheckpointSigner {
  readonly key: string;

  private constructor(private readonly privateKey: KeyObject) {
    this.key = keyName(createPublicKey(privateKey));
  }

  /**
   * Writes the public file too where it is missing and can be written.
   * @throws Error that says what to do, when the file holds no Ed25519 key.
   */
  static open(privateFile: string): KeyFileSigner {
    if (!existsSync(privateFile))
      throw new Error(`the key file ${privateFile} is not there: make one with "surety audit keygen"`);
    const privateKey = readKey(privateFile, createPrivateKey);
    const publicFile = publicFileOf(privateFile);
    if (!existsSync(publicFile)) restorePublic(publicFile, createPublicKey(privateKey));
    return new KeyFileSigner(privateKey);
  }

  /** As `open`; makes the key pair when neither of its files is there. @param made Told of a pair that was made. */
  static openOrMake(privateFile: string, made: (files: KeyFiles) => void = () => undefined): KeyFileSigner {
    const isThere = existsSync(privateFile) || existsSync(publicFileOf(privateFile));
    if (!isThere) made(generateKeyFiles(privateFile));
    return KeyFileSigner.open(privateFile);
  }

  sign(text: string): string {
    return sign(null, Buffer.from(text), this.privateKey).toString('base64');
  }
}

/** Checks signatures against public keys. */
export class KeyFileVerifier implements SignatureVerifier {
  private readonly keys = new Map<string, KeyObject>();

  /**
   * @param publicFiles Several, where the broker's key has been changed.
   * @throws Error that says what to do, when a file holds no Ed25519 key.
   */
  constructor(publicFiles: readonly string[]) {
    for (const file of publicFiles) {
      const key = readKey(file, createPublicKey);
      this.keys.set(keyName(key), key);
    }
  }

  verify(key: string, text: string, signature: string): SignatureVerdict {
    const publicKey = this.keys.get(key);
    if (publicKey === undefined) return 'unknown-key';
    const isValid = verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'));
    return isValid ? 'valid' : 'invalid';
  }
}

/** The first 16 hex digits of SHA-256 of the raw public key. */
function keyName(publicKey: KeyObject): string {
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return createHash('sha256').update(raw).digest('hex').slice(0, 16);
}

function readKey(file: string, parse: (pem: string) => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`the key file ${file} can't be used: ${(error as Error).message}`, { cause: error });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new Error(`the key file ${file} holds no Ed25519 key: make one with "surety audit keygen"`);
}

function writePublic(file: string, publicKey: KeyObject): void {
  writeWhole(file, publicKey.export({ type: 'spki', format: 'pem' }).toString(), 0o644);
}

/** The directory of a key that somebody else provides may be read-only: that is no reason not to sign. */
function restorePublic(file: string, publicKey: KeyObject): void {
  try {
    writePublic(file, publicKey);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
