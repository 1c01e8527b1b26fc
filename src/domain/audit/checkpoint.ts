import { parseObject } from './parse-object.js';

/** A statement of the broker, kept outside the database: that the chain had this hash at this record. */
export interface Checkpoint {
  /** The name of the broker that signed it. */
  readonly node: string;
  /** The number of the record. */
  readonly sequence: number;
  /** The record's hash: 64 hex digits, in lower case. */
  readonly hash: string;
  /** When it was signed, in milliseconds since the epoch. */
  readonly atMs: number;
}

/** A checkpoint with its proof. */
export interface SignedCheckpoint extends Checkpoint {
  /** Names the key: the first 16 hex digits of SHA-256 of the raw public key. */
  readonly key: string;
  /** Ed25519, in base64. */
  readonly signature: string;
}

/** The version of the line's format. */
const CHECKPOINT_VERSION = 1;

/** The text that is signed. */
export function checkpointText({ node, sequence, hash, atMs }: Checkpoint): string {
  return `surety-checkpoint-1\n${node}\n${sequence}\n${hash}\n${atMs}`;
}

/** The line of a checkpoint file, without its end. */
export function checkpointLine({ node, sequence, hash, atMs, key, signature }: SignedCheckpoint): string {
  return JSON.stringify({ version: CHECKPOINT_VERSION, node, sequence, hash, atMs, key, signature });
}

/** Reads a line of a checkpoint file. @returns undefined when it is none. */
export function parseCheckpoint(line: string): SignedCheckpoint | undefined {
  const value = parseObject(line);
  if (value?.['version'] !== CHECKPOINT_VERSION) return undefined;
  const { node, sequence, hash, atMs, key, signature } = value;
  if (typeof node !== 'string' || typeof key !== 'string' || typeof signature !== 'string') return undefined;
  if (!isCount(sequence) || sequence < 1 || !isCount(atMs)) return undefined;
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) return undefined;
  return { node, sequence, hash, atMs, key, signature };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
