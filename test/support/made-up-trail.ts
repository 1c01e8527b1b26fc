import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { NodeDigest } from '../../src/adapters/crypto/node-digest.js';
import type { AuditReader } from '../../src/application/ports/audit-reader.js';
import type { CheckpointLines } from '../../src/application/ports/checkpoint-lines.js';
import type { CheckpointSigner, SignatureVerifier } from '../../src/application/ports/checkpoint-signer.js';
import { AuditChain } from '../../src/domain/audit/audit-chain.js';
import { AUDIT_VERSION, type AuditDetails, type AuditEvent } from '../../src/domain/audit/audit-event.js';
import { checkpointLine, checkpointText } from '../../src/domain/audit/checkpoint.js';
import type { StoredRecord } from '../../src/domain/audit/stored-record.js';

const digest = new NodeDigest();

/** Any event, the n-th of its kind. */
export function madeUpEvent(n: number, over: Partial<AuditEvent> = {}): AuditEvent {
  return {
    kind: 'connection.accepted',
    atMs: 1_700_000_000_000 + n * 1000,
    clientId: `client-${n % 7}`,
    address: '192.0.2.1',
    details: { keepAliveSeconds: 60, number: n },
    ...over,
  };
}

/** The records that a broker would have written of these events, as they are read back. */
export function chained(events: readonly AuditEvent[], after?: StoredRecord, node = 'a'): StoredRecord[] {
  const start = after ?? { sequence: 0, hash: new Uint8Array(32) };
  const chain = new AuditChain(start, node, (...parts) => digest.sha256(...parts));
  return events.map((event) => {
    const { record, details: text, previousHash, hash } = chain.append(event);
    const details = text === undefined ? undefined : (JSON.parse(text) as AuditDetails);
    return { ...record, details, version: AUDIT_VERSION, previousHash, hash };
  });
}

/** A trail of so many records. */
export function madeUpTrail(count: number): StoredRecord[] {
  return chained(Array.from({ length: count }, (_, i) => madeUpEvent(i + 1)));
}

/** Signs with a key of its own, in memory. */
export class MadeUpKey implements CheckpointSigner, SignatureVerifier {
  private readonly pair = generateKeyPairSync('ed25519');

  constructor(readonly key = '0123456789abcdef') {}

  sign(text: string): string {
    return sign(null, Buffer.from(text), this.pair.privateKey).toString('base64');
  }

  verify(key: string, text: string, signature: string): 'valid' | 'invalid' | 'unknown-key' {
    if (key !== this.key) return 'unknown-key';
    const bytes = Buffer.from(signature, 'base64');
    return verify(null, Buffer.from(text), this.pair.publicKey, bytes) ? 'valid' : 'invalid';
  }

  /** The line of a checkpoint over the record. */
  checkpoint({ node, sequence, hash, atMs }: StoredRecord): string {
    const checkpoint = { node, sequence, hash: Buffer.from(hash).toString('hex'), atMs };
    const signature = this.sign(checkpointText(checkpoint));
    return checkpointLine({ ...checkpoint, key: this.key, signature });
  }
}

/** Reads records from memory, in pages of this size. */
export function readerOf(records: readonly StoredRecord[], pageRecords = 1000): AuditReader {
  return {
    extent: async () => undefined,
    async *pages() {
      for (let i = 0; i < records.length; i += pageRecords) yield records.slice(i, i + pageRecords);
    },
  };
}

/** The lines of a checkpoint file. */
export function linesOf(lines: readonly string[]): CheckpointLines {
  return {
    description: 'checkpoints.jsonl',
    async *lines() {
      for (const [index, text] of lines.entries()) yield { number: index + 1, text };
    },
  };
}
